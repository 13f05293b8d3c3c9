/** Subscription as a type that exchange keeps itself: everybody sees, makes and ends her own, and nobody another's. */
import { randomUUID } from 'node:crypto';
import { stoodFor, type Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Clause, Resource, SearchQuery, Subscription } from '@afar/fhir';
import type { VirtualProvider } from '@afar/records';
import { OutboundError } from '../outbound/index.ts';
import { tell, type House } from './house.ts';
import { become, loadOne } from './lifecycle.ts';
import { planOf, type Plan } from './plan.ts';
import {
  bumpGeneration,
  columns,
  insertKept,
  openRow,
  saveKept,
  shown,
  type Kept,
  type Row,
} from './rows.ts';
import { servedTopics } from './topics.ts';

export const isUuid = (text: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(text);

/** An app sees what was made through it, by her yes; what she or another app wished for in her name is not its business. */
export const isOfApp = ({ app }: Caller, { runsAs }: Kept): boolean =>
  app === undefined || app.grant === runsAs.app?.grant;

/** The caller's own, or undefined: another's is not there. */
export async function ownOf(house: House, caller: Caller, id: string): Promise<Kept | undefined> {
  const found = isUuid(id) ? await loadOne(house, caller.tenant, id) : undefined;
  return found?.creator === caller.id && isOfApp(caller, found) ? found : undefined;
}

/** Own ones by id, after an id. */
export async function listOwn(
  house: House,
  caller: Caller,
  after: string | undefined,
  limit: number,
): Promise<Kept[]> {
  const { rows } = await house.db.query<Row>({
    name: 'exchange.own-subscriptions',
    text: `select ${columns} from exchange.subscription
      where tenant = $1 and creator = $2 and ($3::uuid is null or id > $3) order by id limit $4`,
    values: [caller.tenant, caller.id, after ?? null, limit],
  });
  return Promise.all(rows.map((row) => openRow(house.keys, row)));
}

/** @throws Refusal `not-supported` for a parameter that is not looked at */
function wanted(clause: Clause): (one: Subscription) => boolean {
  const param = clause.kind === 'value' ? clause.param : clause.kind;
  const field = { _id: 'id', status: 'status' }[param] as 'id' | 'status' | undefined;
  if (clause.kind !== 'value' || clause.modifier || !(field || param === 'type'))
    throw new Refusal('not-supported', {
      diagnostics: 'Subscription is searched by _id, status and type',
    });
  const codes = clause.values.map((one) => (one.kind === 'token' ? one.code : undefined));
  return (one) => codes.includes(field ? one[field] : one.channel.type);
}

/**
 * What is asked for can be done, and by her: the criteria is a search she may make, the endpoint is one that is called.
 * @throws Refusal
 */
async function requireDoable(house: House, caller: Caller, plan: Plan): Promise<void> {
  // An id that nothing has: the search is judged, not made.
  const nothing: [string, string][] = [
    ['_id', randomUUID()],
    ['_count', '1'],
  ];
  const { entry = [] } = await house.records.search(caller, plan.type, [
    ...plan.criteria,
    ...nothing,
  ]);
  // A search may leave out what it cannot do, and say so; what is told must not be more than was asked for.
  if (entry.some(({ search }) => search?.mode === 'outcome'))
    throw new Refusal('not-supported', { expression: ['Subscription.criteria'] });
  if (plan.channel !== 'rest-hook') return;
  try {
    await house.outbound.check(plan.endpoint!);
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    // One answer for a name that leads inside and one that leads nowhere: it is no way to ask for names of the inside.
    throw new Refusal('invalid', {
      diagnostics: 'an endpoint is an https address on the public network',
      detail: error.reason,
      expression: ['Subscription.channel.endpoint'],
    });
  }
}

async function requireRoom(house: House, caller: Caller): Promise<void> {
  const { rows } = await house.db.query<{ own: number; all: number }>(
    `select count(*) filter (where creator = $2)::int as own, count(*)::int as all
     from exchange.subscription where tenant = $1 and status <> 'off'`,
    [caller.tenant, caller.id],
  );
  const { perCaller, perTenant } = house.limits;
  if (rows[0]!.own >= perCaller || rows[0]!.all >= perTenant)
    throw new Refusal('business-rule', { diagnostics: 'there are too many subscriptions' });
}

/** What the client sends holds no word of ours. */
function asSent(resource: Resource): Subscription {
  const { error: _error, ...subscription } = resource as Subscription;
  return subscription;
}

/** A backport hook has to answer a handshake first; everything else is active at once. */
const needsHandshake = (plan: Plan): boolean => plan.backport && plan.channel === 'rest-hook';

export function subscriptionProvider(house: House): VirtualProvider {
  async function begin(kept: Kept, plan: Plan): Promise<Subscription> {
    if (kept.status !== 'requested' || needsHandshake(plan)) return shown(kept);
    return shown((await become(house, kept, 'active')) ?? kept);
  }

  return {
    searchParams: ['_id', 'status', 'type'],
    extension: servedTopics,

    async read(caller, id) {
      const found = await ownOf(house, caller, id);
      return found && shown(found);
    },

    async *stream(caller: Caller, query: SearchQuery, after?: string) {
      const tests = query.clauses.map(wanted);
      if (query.sort.some(({ param, descending }) => param !== '_id' || descending))
        throw new Refusal('not-supported', { diagnostics: 'Subscription is sorted by _id' });
      for (let last = after; ;) {
        const some = await listOwn(house, caller, last, 100);
        for (const one of some) {
          const resource = shown(one);
          if (isOfApp(caller, one) && tests.every((test) => test(resource)))
            yield { key: one.id, resource };
        }
        last = some.at(-1)?.id;
        if (some.length < 100) return;
      }
    },

    writes: {
      async create(caller, resource) {
        const subscription = asSent(resource);
        const plan = planOf(subscription, house.limits);
        await requireDoable(house, caller, plan);
        await requireRoom(house, caller);
        const kept: Kept = {
          tenant: caller.tenant,
          id: randomUUID(),
          creator: caller.id,
          version: 1,
          updated: house.clock.now(),
          status: subscription.status === 'off' ? 'off' : 'requested',
          channel: plan.channel,
          resource: subscription,
          runsAs: stoodFor(caller),
          ends: plan.ends ?? null,
          since: null,
          events: 0,
          sent: 0,
          failures: 0,
          told_at: 0,
        };
        await house.db.tx(async (tx) => {
          await insertKept(tx, house.keys, kept);
          if (kept.status === 'requested' && needsHandshake(plan))
            await tx.query(
              'update exchange.subscription set next_at = $3 where tenant = $1 and id = $2',
              [kept.tenant, kept.id, kept.updated],
            );
        });
        tell(house);
        return begin(kept, plan);
      },

      async update(caller, resource, version) {
        const before = await ownOf(house, caller, resource.id ?? '');
        if (!before) throw new Refusal('not-found');
        const subscription = asSent(resource);
        const plan = planOf(subscription, house.limits);
        await requireDoable(house, caller, plan);
        const next: Kept = {
          ...before,
          version,
          updated: house.clock.now(),
          // Whatever was changed is asked anew: the endpoint shakes hands, the index is told.
          status: subscription.status === 'off' ? 'off' : 'requested',
          channel: plan.channel,
          resource: subscription,
          runsAs: stoodFor(caller),
          ends: plan.ends ?? null,
          failures: 0,
        };
        const saved = await house.db.tx(async (tx) => {
          if (!(await saveKept(tx, house.keys, next))) return false;
          const due = next.status === 'requested' && needsHandshake(plan) ? next.updated : null;
          await tx.query(
            'update exchange.subscription set failures = 0, next_at = $3 where tenant = $1 and id = $2',
            [next.tenant, next.id, due],
          );
          await bumpGeneration(tx);
          return true;
        });
        if (!saved) throw new Refusal('version-conflict');
        tell(house);
        return begin({ ...next, version: version + 1 }, plan);
      },

      async remove(caller, id) {
        if (!(await ownOf(house, caller, id))) throw new Refusal('not-found');
        await house.db.tx(async (tx) => {
          const of = [caller.tenant, id];
          await tx.query('delete from exchange.subscription where tenant = $1 and id = $2', of);
          await tx.query(
            'delete from exchange.subscription_event where tenant = $1 and subscription = $2',
            of,
          );
          await bumpGeneration(tx);
        });
        tell(house);
      },
    },
  };
}

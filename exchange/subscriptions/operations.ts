/** $status, $events and $get-ws-binding-token of the backport: of one's own subscriptions. */
import { may } from '@afar/access';
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Bundle, Parameters } from '@afar/fhir';
import type { Operation, OperationCall } from '@afar/records';
import { coversScopes } from '../rights.ts';
import { baseOf, fhirUrl, type House } from './house.ts';
import { disclosedBy, look, notification, statusOf } from './notification.ts';
import { planOf, type Content } from './plan.ts';
import { isOfApp, listOwn, ownOf } from './provider.ts';
import { eventsOf, type Kept } from './rows.ts';
import { issueToken } from './tokens.ts';
import { operations } from './vocabulary.ts';

/** Subscriptions of one answer: a caller has no more (limits.perCaller), but for those switched off. */
const mostListed = 200;
/** Events of one answer of $events. */
const mostEvents = 200;

const common = { types: ['Subscription'], affectsState: false } as const;

/** @throws Refusal `forbidden`, as a read */
function requireReader(caller: Caller): void {
  if (!may(caller, 'read', 'Subscription')) throw new Refusal('forbidden');
}

/** @throws Refusal `not-found`: another's is not there */
async function need(house: House, caller: Caller, id: string): Promise<Kept> {
  requireReader(caller);
  const found = await ownOf(house, caller, id);
  if (!found) throw new Refusal('not-found');
  return found;
}

async function named(house: House, { caller, level, id, inputs }: OperationCall) {
  if (level === 'instance') return [await need(house, caller, id!)];
  const ids = [
    ...new Set(
      inputs
        .texts('id')
        .flatMap((text) => text.split(','))
        .filter(Boolean),
    ),
  ];
  if (ids.length > mostListed) throw new Refusal('too-costly');
  requireReader(caller);
  if (ids.length === 0) {
    const own = await listOwn(house, caller, undefined, mostListed);
    return own.filter((one) => isOfApp(caller, one));
  }
  return Promise.all(ids.map((one) => need(house, caller, one)));
}

const statusOperation = (house: House): Operation => ({
  ...common,
  name: 'status',
  definition: operations.status,
  on: ['type', 'instance'],
  async run(call) {
    const wanted = call.inputs.texts('status').flatMap((text) => text.split(','));
    const kept = (await named(house, call)).filter(
      ({ status }) => wanted.length === 0 || wanted.includes(status),
    );
    const body: Bundle = {
      resourceType: 'Bundle',
      type: 'searchset',
      total: kept.length,
      entry: kept.map((one) => {
        const resource = statusOf(house, one, planOf(one.resource, house.limits), 'query-status');
        return { fullUrl: `urn:uuid:${resource.id}`, resource, search: { mode: 'match' } };
      }),
    };
    return { body };
  },
});

const eventsOperation = (house: House): Operation => ({
  ...common,
  name: 'events',
  definition: operations.events,
  on: ['instance'],
  async run({ caller, id, inputs, evidence }) {
    const kept = await need(house, caller, id!);
    const plan = planOf(kept.resource, house.limits);
    const content = (inputs.text('content') ?? plan.content) as Content;
    const order: Content[] = ['empty', 'id-only', 'full-resource'];
    if (!order.includes(content))
      throw new Refusal('invalid', { diagnostics: 'content: empty, id-only or full-resource' });
    const events = await eventsOf(house.db, house.keys, kept, {
      from: numberOf(inputs.text('eventsSinceNumber')) ?? 1,
      to: numberOf(inputs.text('eventsUntilNumber')) ?? kept.events,
      limit: mostEvents,
    });
    const told = await look(house, caller, events, content === 'full-resource');
    if (content !== 'empty') evidence.patients.push(...disclosedBy(told));
    return { body: notification(house, kept, plan, 'query-event', { events: told, content }) };
  },
});

/** [backport 1.1 $events] Event numbers are 64 bit, and written as strings. */
function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw new Refusal('invalid', { diagnostics: 'an event number is expected' });
  return Number(text);
}

const tokenOperation = (house: House): Operation => ({
  ...common,
  name: 'get-ws-binding-token',
  definition: operations.token,
  on: ['type', 'instance'],
  async run(call) {
    const bindable = (await named(house, call)).filter(
      ({ channel, status }) => channel === 'websocket' && status === 'active',
    );
    if (bindable.length === 0)
      throw new Refusal('business-rule', { diagnostics: 'no active websocket subscription' });
    // What comes through the socket comes with the rights that the subscription was made with.
    for (const { resource, runsAs } of bindable)
      if (!coversScopes(call.caller, runsAs, planOf(resource, house.limits).type))
        throw new Refusal('forbidden', { diagnostics: 'it was made with wider scopes' });
    const expires = house.clock.now() + house.limits.tokenMs;
    const subscriptions = bindable.map((one) => one.id);
    const { tenant, id: creator } = call.caller;
    const token = await issueToken(house.db, { tenant, creator, subscriptions }, expires);
    const body: Parameters = {
      resourceType: 'Parameters',
      parameter: [
        { name: 'token', valueString: token },
        { name: 'expiration', valueDateTime: new Date(expires).toISOString() },
        ...subscriptions.map((one) => ({
          name: 'subscription',
          valueString: `${fhirUrl(house, tenant)}/Subscription/${one}`,
        })),
        { name: 'websocket-url', valueUrl: socketUrl(house, tenant) },
      ],
    };
    return { body, headers: { 'cache-control': 'no-store' } };
  },
});

export const socketUrl = (house: Pick<House, 'baseUrl' | 'baseUrlOf'>, tenant: number): string =>
  `${baseOf(house, tenant).replace(/^http/, 'ws')}/api/subscriptions/socket`;

export const subscriptionOperations = (house: House): Operation[] => [
  statusOperation(house),
  eventsOperation(house),
  tokenOperation(house),
];

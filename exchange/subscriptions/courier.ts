/** Brings events to their endpoints: in order for each subscription, one process at a time, again until it is answered with success. */
import type { Caller } from '@afar/access';
import { OutboundError } from '../outbound/index.ts';
import type { House } from './house.ts';
import { become, type Reason } from './lifecycle.ts';
import { disclosedBy, look, notification, placeOf, type Told } from './notification.ts';
import { planOf, type Plan } from './plan.ts';
import { columns, eventsOf, openRow, type Kept, type Row } from './rows.ts';
import { creatorOf, recordTelling } from './standing.ts';

/** Subscriptions served at once by one process: a slow endpoint keeps one of them busy. */
const abreast = 16;
/** Notifications of one subscription before another gets its turn. */
const inOneGo = 50;

export interface Courier {
  /** Delivers what is due, and what becomes due meanwhile. */
  look(): Promise<void>;
  release(): Promise<void>;
}

const json = { 'content-type': 'application/fhir+json' };

export function createCourier(house: House): Courier {
  const { db, clock, limits } = house;

  async function claim(): Promise<Row[]> {
    const now = clock.now();
    const { rows } = await db.query<Row>({
      name: 'exchange.due',
      text: `update exchange.subscription s set holder = $1, lease = $2 from (
          select tenant as t, id as i from exchange.subscription
          where next_at <= $3 and lease < $3 and status in ('requested', 'active') and channel = 'rest-hook'
          order by next_at limit ${abreast} for update skip locked) due
        where s.tenant = due.t and s.id = due.i returning ${columns}`,
      values: [house.self, now + limits.deliveryMs, now],
    });
    return rows;
  }

  /** The turn ends, or goes on with what is left. @returns the state as it is now; undefined when it is no longer ours */
  async function told(kept: Kept, plan: Plan, sent: number): Promise<Kept | undefined> {
    const { rows } = await db.query<{ events: number }>({
      name: 'exchange.delivered',
      text: `update exchange.subscription set sent = greatest(sent, $4), failures = 0, told_at = $5, lease = $6,
          next_at = case when events > $4 then $5::bigint when $7::bigint is not null then $5::bigint + $7::bigint end
        where tenant = $1 and id = $2 and holder = $3 and status in ('requested', 'active') returning events`,
      values: [
        kept.tenant,
        kept.id,
        house.self,
        sent,
        clock.now(),
        clock.now() + limits.deliveryMs,
        plan.heartbeatMs ?? null,
      ],
    });
    return rows[0] && { ...kept, sent, failures: 0, told_at: clock.now(), events: rows[0].events };
  }

  /** @param nextAt when to come again, unless events were added since `kept` was read; absent: as it stands */
  const letGo = ({ tenant, id, events }: Kept, nextAt?: number | null) =>
    db.query(
      `update exchange.subscription set lease = 0, holder = null,
         next_at = case when $4 and events = $6 then $5::bigint else next_at end
       where tenant = $1 and id = $2 and holder = $3`,
      [tenant, id, house.self, nextAt !== undefined, nextAt ?? null, events],
    );

  /** @throws OutboundError; a Refused for an answer that is no success */
  async function send(
    kept: Kept,
    plan: Plan,
    what: { method?: 'POST' | 'PUT'; path?: string; body?: string },
  ): Promise<void> {
    const { method = 'POST', path = '', body } = what;
    const url = new URL(plan.endpoint!);
    if (path) url.pathname = url.pathname.replace(/\/+$/, '') + path;
    const { status, headers } = await house.outbound.request({
      url: url.href,
      method,
      headers: { ...plan.headers, ...(body !== undefined && json) },
      body: body ?? '',
      deadlineMs: plan.timeoutMs,
    });
    if (status < 200 || status > 299) throw new Refused(status, headers['retry-after']);
  }

  async function failed(kept: Kept, error: unknown): Promise<void> {
    if (!(error instanceof OutboundError || error instanceof Refused)) throw error;
    const failures = kept.failures + 1;
    const lasting = error instanceof OutboundError ? error.lasting : error.status === 410;
    house.log.info(
      { subscription: kept.id, failures, reason: error.message },
      'a notification did not arrive',
    );
    if (lasting || failures >= limits.tries) {
      await become(house, kept, 'error', reasonOf(error));
      return;
    }
    const wait = error instanceof Refused ? error.waitMs : 0;
    const doubled = Math.min(limits.backoffMs * 2 ** (failures - 1), limits.longestBackoffMs);
    // Half of it by chance: endpoints that fell together are not asked together.
    const jittered = doubled * (0.5 + Math.random() / 2);
    await db.query(
      `update exchange.subscription set failures = $4, next_at = $5, lease = 0, holder = null
       where tenant = $1 and id = $2 and holder = $3`,
      [
        kept.tenant,
        kept.id,
        house.self,
        failures,
        Math.ceil(clock.now() + Math.max(jittered, Math.min(wait, limits.longestBackoffMs))),
      ],
    );
  }

  async function sendEvents(kept: Kept, plan: Plan, caller: Caller, events: Told[]) {
    if (plan.content !== 'empty') {
      const patients = disclosedBy(events);
      if (patients.length > 0) await recordTelling(house, caller, kept, patients);
    }
    if (plan.backport) {
      const bundle = notification(house, kept, plan, 'event-notification', { events });
      return send(kept, plan, { body: JSON.stringify(bundle) });
    }
    const [event] = events;
    if (plan.content === 'empty') return send(kept, plan, {});
    // Hidden or gone since: there is nothing to send, and nothing to try again.
    if (!event?.resource) return;
    await send(kept, plan, {
      method: 'PUT',
      path: `/${placeOf(event.about)}`,
      body: JSON.stringify(event.resource),
    });
  }

  /** One notification. @returns what is left, or undefined when the turn is over */
  async function next(kept: Kept, plan: Plan): Promise<Kept | undefined> {
    const caller = await creatorOf(house, kept, plan);
    if (!caller) {
      await become(house, kept, 'off', 'the account or client that made it may no longer do this');
      return undefined;
    }
    if (kept.status === 'requested') {
      const bundle = notification(house, kept, plan, 'handshake');
      await send(kept, plan, { body: JSON.stringify(bundle) });
      await become(house, kept, 'active');
      return undefined;
    }
    const events = await eventsOf(db, house.keys, kept, {
      from: kept.sent + 1,
      to: kept.events,
      limit: plan.backport ? plan.maxCount : 1,
    });
    if (events.length > 0) {
      const whole = plan.content === 'full-resource';
      const seen =
        plan.content === 'empty'
          ? events.map((event) => ({ ...event, visible: true }))
          : await look(house, caller, events, whole);
      await sendEvents(kept, plan, caller, seen);
      return told(kept, plan, events.at(-1)!.number);
    }
    // What was not delivered within its time is no longer kept.
    if (kept.sent < kept.events) return told(kept, plan, kept.events);
    if (!plan.heartbeatMs || !plan.backport) {
      await letGo(kept, null);
      return undefined;
    }
    const due = kept.told_at + plan.heartbeatMs;
    if (clock.now() < due) {
      await letGo(kept, due);
      return undefined;
    }
    const bundle = notification(house, kept, plan, 'heartbeat');
    await send(kept, plan, { body: JSON.stringify(bundle) });
    return told(kept, plan, kept.sent);
  }

  async function serve(row: Row): Promise<void> {
    const first = await openRow(house.keys, row);
    const plan = planOf(first.resource, limits);
    if (first.ends !== null && first.ends <= clock.now()) {
      await become(house, first, 'off', 'its time has ended');
      return;
    }
    let kept: Kept | undefined = first;
    for (let count = 0; kept && count < inOneGo; count++) {
      const current: Kept = kept;
      try {
        kept = await next(current, plan);
      } catch (error) {
        await failed(current, error);
        return;
      }
      if (!kept || kept.sent >= kept.events) break;
      await new Promise((done) => setTimeout(done, limits.paceMs));
    }
    if (kept) await letGo(kept);
  }

  const postpone = ({ tenant, id }: Row) =>
    db.query(
      `update exchange.subscription set lease = 0, holder = null, next_at = $4
       where tenant = $1 and id = $2 and holder = $3`,
      [tenant, id, house.self, clock.now() + limits.backoffMs],
    );

  const underWay = new Set<Promise<void>>();

  return {
    async look() {
      for (;;) {
        const rows = underWay.size < abreast ? await claim() : [];
        for (const row of rows) {
          const work = serve(row)
            .catch(async (error: unknown) => {
              // Nothing the endpoint did: keys or database are away. Its events wait, and are tried again soon.
              house.log.warn({ err: error, subscription: row.id }, 'a delivery was put off');
              await postpone(row).catch(() => undefined);
            })
            .finally(() => underWay.delete(work));
          underWay.add(work);
        }
        if (underWay.size === 0) return;
        // Whoever is done first makes room: a slow endpoint does not keep the others waiting.
        await Promise.race(underWay);
        if (rows.length === 0 && underWay.size > 0) return;
      }
    },
    async release() {
      await Promise.allSettled(underWay);
      await db.query(
        'update exchange.subscription set lease = 0, holder = null where holder = $1',
        [house.self],
      );
    },
  };
}

class Refused extends Error {
  readonly status: number;
  /** What the endpoint asked for [RFC 9110 10.2.3]; 0: nothing. */
  readonly waitMs: number;
  constructor(status: number, retryAfter: string | undefined) {
    super(`the endpoint answered ${status}`);
    this.name = 'Refused';
    this.status = status;
    this.waitMs = /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) * 1000 : 0;
  }
}

function reasonOf(error: OutboundError | Refused): Reason {
  if (error instanceof Refused) return 'the endpoint refused';
  return error.lasting
    ? 'the endpoint is not on the public network'
    : 'the endpoint could not be reached';
}

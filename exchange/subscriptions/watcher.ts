/** Follows the committed changes, one process at a time, and writes the numbered events of whom they concern. */
import type { Caller } from '@afar/access';
import type { Queryable } from '@afar/platform';
import { KeyErased, KeyUnavailable, SealBroken, Unavailable } from '@afar/platform';
import { tell, type House } from './house.ts';
import { become, type Reason } from './lifecycle.ts';
import { isAnswer, matchAs, seeAs, type Changed, type Seen } from './matching.ts';
import { createRegister, type Active, type Register } from './register.ts';
import { appendEvents, type About } from './rows.ts';
import { creatorOf } from './standing.ts';

/** Changes matched at one time. */
const page = 100;
/** Looks at one page that fail for no known reason: a minute of them. */
const mostTries = 60;
/** Questions to the record store at once. */
const abreast = 8;

interface Place {
  xid: string;
  seq: number;
}

interface ChangeRow extends Place, Changed {
  tenant: number;
}

/** Somebody else went on from this place meanwhile. */
class Overtaken extends Error {}

export interface Watcher {
  /** Nobody had subscribed when it last looked: a change is no reason to look again. */
  readonly idle: boolean;
  /** Matches everything that is committed and not yet matched, unless another process is at it. */
  look(): Promise<void>;
  /** Gives the turn to others. */
  release(): Promise<void>;
}

export function createWatcher(house: House, register: Register = createRegister(house)): Watcher {
  let begun = false;
  let stuck = { name: '', tries: 0 };

  async function turn(): Promise<Place | undefined> {
    const now = house.clock.now();
    if (!begun)
      await house.db.query(
        `insert into exchange.cursor (name, xid, seq) values ('changes', pg_snapshot_xmin(pg_current_snapshot()), 0)
         on conflict (name) do nothing`,
      );
    begun = true;
    const { rows } = await house.db.query<Place>({
      name: 'exchange.turn',
      text: `update exchange.cursor set holder = $1, lease = $2
        where name = 'changes' and (holder = $1 or lease < $3) returning xid::text, seq`,
      values: [house.self, now + house.limits.turnMs, now],
    });
    return rows[0];
  }

  /** One statement, so that a subscription active before a change was committed is in the generation read with it. */
  async function changesAfter({ xid, seq }: Place) {
    const { rows } = await house.db.query<
      { generation: number; upto: string } & { [K in keyof ChangeRow]: ChangeRow[K] | null }
    >({
      name: 'exchange.changes',
      text: `select g.generation, (pg_snapshot_xmin(pg_current_snapshot())::text::bigint - 1)::text as upto, c.*
        from exchange.cursor g left join lateral (
          select xid::text, seq, tenant, type, rid, version, verb from records.change
          where (change.xid, change.seq) > ($1::xid8, $2::bigint) and change.xid < pg_snapshot_xmin(pg_current_snapshot())
          order by change.xid, change.seq limit ${page}) c on true
        where g.name = 'changes' order by c.xid::bigint, c.seq`,
      values: [xid, seq],
    });
    const { generation = 0, upto = '0' } = rows[0] ?? {};
    return { generation, upto, changes: rows.filter((row) => row.rid !== null) as ChangeRow[] };
  }

  async function move(tx: Queryable, from: Place, to: Place): Promise<void> {
    const { rowCount } = await tx.query(
      `update exchange.cursor set xid = $2::xid8, seq = $3, lease = $4
       where name = 'changes' and holder = $1 and xid = $5::xid8 and seq = $6`,
      [house.self, to.xid, to.seq, house.clock.now() + house.limits.turnMs, from.xid, from.seq],
    );
    if (rowCount !== 1) throw new Overtaken();
  }

  /** A page that cannot be matched, though database and keys are there, is left after many tries. */
  async function patiently<T>({ xid, seq }: Place, work: (lenient: boolean) => Promise<T>) {
    const name = `${xid} ${seq}`;
    if (stuck.name !== name) stuck = { name, tries: 0 };
    try {
      return await work(stuck.tries >= mostTries);
    } catch (error) {
      const away = error instanceof Unavailable || error instanceof KeyUnavailable;
      if (!away) stuck.tries += 1;
      throw error;
    }
  }

  /** @returns the place to go on from, when there may be more */
  async function step(place: Place): Promise<Place | undefined> {
    const { generation, upto, changes } = await changesAfter(place);
    await register.upTo(generation);
    if (register.empty) {
      // Nobody listens: what is committed by now concerns nobody.
      const end = { xid: upto, seq: Number.MAX_SAFE_INTEGER };
      if (BigInt(upto) > BigInt(place.xid)) await house.db.tx((tx) => move(tx, place, end));
      return undefined;
    }
    if (changes.length === 0) return undefined;
    const { events, lapsed } = await patiently(place, (lenient) =>
      eventsFor(house, register, changes, lenient),
    );
    const last = changes.at(-1)!;
    await house.db.tx(async (tx) => {
      await move(tx, place, last);
      for (const [{ kept }, abouts] of events)
        await appendEvents(tx, house.keys, kept, abouts, house.clock.now());
    });
    if (events.size > 0) tell(house);
    for (const [{ kept }, reason] of lapsed) await become(house, kept, 'off', reason);
    await stopThoseBehind(house, [...events.keys()]);
    return changes.length < page ? undefined : { xid: last.xid, seq: last.seq };
  }

  return {
    get idle() {
      return register.empty;
    },
    async look() {
      try {
        for (let place = await turn(); place;) place = await step(place);
      } catch (error) {
        if (!(error instanceof Overtaken)) throw error;
      }
    },
    async release() {
      await house.db.query(
        `update exchange.cursor set lease = 0 where name = 'changes' and holder = $1`,
        [house.self],
      );
    },
  };
}

/** Runs `work` over all of them, some at a time, in order of beginning. */
async function overAll<T>(all: readonly T[], work: (one: T, at: number) => Promise<void>) {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < all.length; at = next++) await work(all[at]!, at);
  };
  await Promise.all(Array.from({ length: Math.min(abreast, all.length) }, worker));
}

/** What each subscription has to be told, in the order of the changes; and those that are over: their creator has no rights left, or their time has ended. */
export async function eventsFor(
  house: House,
  register: Register,
  changes: readonly ChangeRow[],
  lenient = false,
): Promise<{ events: Map<Active, About[]>; lapsed: Map<Active, Reason> }> {
  const callers = new Map<string, Promise<Caller | undefined>>();
  const seen = new Map<string, Promise<Seen>>();
  const once = <T>(map: Map<string, Promise<T>>, name: string, make: () => Promise<T>) => {
    const known = map.get(name) ?? make();
    map.set(name, known);
    return known;
  };
  const lapsed = new Map<Active, Reason>();
  const asked = changes.flatMap((change) =>
    register
      .of(change.tenant, change.type)
      .filter((active) => !active.isOlder(change.xid))
      .map((active) => ({ change, active })),
  );
  const found: (About | undefined)[] = [];
  await overAll(asked, async ({ change, active }, at) => {
    const { kept, plan } = active;
    if (kept.ends !== null && kept.ends <= house.clock.now()) {
      lapsed.set(active, 'its time has ended');
      return;
    }
    try {
      const caller = await once(callers, `${kept.id} ${kept.version}`, () =>
        creatorOf(house, kept, plan, true),
      );
      if (!caller) {
        lapsed.set(active, 'the account or client that made it may no longer do this');
        return;
      }
      const { scopes, only = '*', app } = kept.runsAs;
      const who = `${caller.tenant} ${caller.id} ${scopes ?? '*'} ${only} ${app?.grant ?? ''}`;
      const see = once(seen, `${who} ${change.type} ${change.rid}`, () =>
        seeAs(house, caller, change),
      );
      found[at] = await matchAs(house, caller, plan, change, await see);
    } catch (error) {
      if (isAnswer(error)) return;
      // The database or the keys are away: the page is looked at again. What never opens must not stop the others for ever.
      if (!lenient && !(error instanceof SealBroken || error instanceof KeyErased)) throw error;
      house.log.error({ err: error, subscription: kept.id }, 'a change could not be matched');
    }
  });
  const events = new Map<Active, About[]>();
  asked.forEach(({ active }, at) => {
    const about = found[at];
    if (about) events.set(active, [...(events.get(active) ?? []), about]);
  });
  return { events, lapsed };
}

/** An endpoint that is slower than its events are is not waited for without end. */
async function stopThoseBehind(house: House, told: readonly Active[]): Promise<void> {
  for (const { kept } of told) {
    if (kept.channel !== 'rest-hook') continue;
    const { rows } = await house.db.query<{ behind: number }>(
      'select events - sent as behind from exchange.subscription where tenant = $1 and id = $2',
      [kept.tenant, kept.id],
    );
    if ((rows[0]?.behind ?? 0) > house.limits.backlog)
      await become(house, kept, 'error', 'more events wait than are kept for one endpoint');
  }
}

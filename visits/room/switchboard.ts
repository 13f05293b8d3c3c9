/** The sockets of this process: what each message does, who hears of what, and what time does to the silent. */
import { Refusal } from '@afar/fhir';
import { channels, tell, type House } from '../house.ts';
import type { RoomHappened, RoomStirred, SeatsRevoked, VisitChanged } from '../house.ts';
import { enginesOf } from '../media/port.ts';
import type { SfuRequest } from '../media/negotiation.ts';
import type { ClientMessage } from '../messages.ts';
import { findVisit, type VisitRow } from '../visit-row.ts';
import { heard, waitingStatus } from '../waiting/place.ts';
import { auditSocket } from './audit.ts';
import { closing, type Connection, type Held, type Protocol } from './connection.ts';
import { drain, join, refreshRoster, renew, settleResume } from './join.ts';
import { toEngine } from './engine.ts';
import { giveUp } from './give-up.ts';
import { sweepMessages } from './inbox.ts';
import { tellMissed } from './missed.ts';
import { relay } from './relay.ts';
import { setMedia, silent } from './seats.ts';
import { createTurnstile, gated } from './turnstile.ts';
import { isHidden } from './comer.ts';
import { followReach, hide, shut } from './withdrawn.ts';

/** S3 */
const firstMessageMs = 5_000;
/** L4 */
const pingMs = 15_000;
const silentMs = 2.5 * pingMs;
/** W2 */
const statusMs = 15_000;
/** S6 */
const mostSockets = 4;
/** S8: a start with several networks has some 60 candidates, and the second link begins with a word of the engine. */
const mostUnsaid = 100;
const tickMs = 1_000;
/** Of one page that asks for what it may have missed: 6,000 of them within 18 s. */
const gapMs = 3;

export interface Switchboard extends Protocol {
  /** False when this person holds too many sockets on this visit already. */
  add(on: Connection): boolean;
  start(): void;
  stop(): Promise<void>;
  /** Looks at the clock once: leases, pings, statuses. Runs each second while started. */
  tick(): void;
  readonly size: number;
}

export function createSwitchboard(house: House): Switchboard {
  const all = new Set<Connection>();
  const leaving = new Set<Promise<void>>();
  const turnstile = createTurnstile();
  /** Asks for what is said. */
  const talk: House = { ...house, db: gated(house.db, turnstile, false) };
  /** Asks for whoever takes or keeps a seat: before all that is said. */
  const seats: House = { ...house, db: gated(house.db, turnstile, true) };
  const stops: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  let sweptAt = 0;

  /** By room: with 6,000 sockets nobody looks through all of them for one message. */
  const rooms = new Map<string, Set<Connection>>();
  const nobody: ReadonlySet<Connection> = new Set();
  const keyOf = (tenant: number, visit: string): string => `${tenant} ${visit}`;
  const inVisit = (tenant: number, visit: string): ReadonlySet<Connection> =>
    rooms.get(keyOf(tenant, visit)) ?? nobody;
  const near = (on: Connection): ReadonlySet<Connection> => inVisit(on.tenant, on.visit);

  async function status(on: Connection, force = false): Promise<void> {
    if (on.seen?.standing === 'guest') return guestStatus(on, force);
    const row = await findVisit(house.db, on.tenant, on.visit);
    if (!row) return;
    if (isPatient(on)) await heard(house, row);
    const said = await waitingStatus(house, row);
    const text = JSON.stringify(said);
    if (!force && text === on.lastStatus) return;
    on.statusAt = house.clock.now();
    on.lastStatus = text;
    on.send({ type: 'status', ...said });
  }

  /** A guest who waits is told where she stands, and nothing of the visit. */
  async function guestStatus(on: Connection, force: boolean): Promise<void> {
    on.seen = await on.comer.see(on.caller);
    const state = on.seen.guest ?? 'ended';
    if (!force && state === on.lastStatus) return;
    on.statusAt = house.clock.now();
    on.lastStatus = state;
    on.send({ type: 'guest', state });
  }

  const isPatient = (on: Connection): boolean => on.seen?.standing === 'patient';

  /**
   * A watcher has no lease: session and care relation are asked for at each regular status instead.
   * @returns the code to close with; undefined to go on
   */
  async function unwelcome(on: Connection): Promise<number | undefined> {
    const caller = await on.comer.authenticate();
    if (caller?.id !== on.caller.id || caller.tenant !== on.tenant) return closing.refused;
    try {
      on.seen = await on.comer.see(caller);
      return undefined;
    } catch (error) {
      if (isHidden(error)) return closing.unknown;
      if (error instanceof Refusal && error.status < 500) return closing.notAllowed;
      throw error;
    }
  }

  /** Not queued, whatever else this socket still has to do: who is signed out or disabled is out now. */
  async function askAgain(on: Connection): Promise<void> {
    const caller = await on.comer.authenticate();
    if (on.closed || (caller?.id === on.caller.id && caller.tenant === on.tenant)) return;
    const { held, tenant, visit } = on;
    if (!held) return on.close(closing.refused);
    const stoodUp = giveUp(house, on, 'left');
    on.revoked('access-withdrawn');
    await stoodUp;
    for (const engine of enginesOf(house.media)) await engine.eject({ tenant, visit }, held.peer);
  }

  /** Everybody has to be asked: one after the other, not by thousands in the same moment. */
  const spread = (work: () => void): void =>
    void setTimeout(work, Math.random() * all.size * gapMs).unref();

  const asked = (on: Connection): void =>
    void askAgain(on).catch((error: unknown) =>
      house.log.warn({ err: error, visit: on.visit }, 'a socket was not asked again'),
    );

  async function watch(on: Connection): Promise<void> {
    await auditSocket(house, on, 'watch', 0);
    on.watching = true;
    await status(on, true);
    if (on.seen) changed(on.seen.row);
  }

  const changed = ({ tenant, rid, clinician }: VisitRow): void =>
    tell(house, 'changed', { tenant, visit: rid, clinician });

  async function handle(on: Connection, message: ClientMessage): Promise<void> {
    await settleResume(house, on);
    switch (message.type) {
      case 'watch':
        return watch(on);
      case 'join':
        return join(seats, on, message, near);
      case 'renew':
        return renew(seats, on, message.after);
      case 'leave':
        if (!on.held) return on.fail('not-joined', closing.notAllowed);
        await giveUp(house, on, 'left');
        // Who neither sits nor watches is never asked for her rights again: she has no business here.
        if (!on.watching) on.close(closing.left);
        return;
      case 'media': {
        const { held, tenant, visit, id: connection } = on;
        if (!held) return on.fail('not-joined', closing.notAllowed);
        const { person } = held;
        // An observer sends nothing, whatever her browser says.
        const media = held.kind === 'observer' ? silent : message.media;
        await setMedia(seats.db, { tenant, visit, person, connection, media });
        return tell(house, 'stirred', { tenant, visit });
      }
      default:
        if ('to' in message) return relay(talk, on, message, near);
        if (!on.held) return on.fail('not-joined', closing.notAllowed);
        return inOrder(on, on.held, message);
    }
  }

  /**
   * What is for the engine keeps its order beside the socket's queue: an engine that thinks for seconds must not keep a renewal waiting, or a
   * busy machine takes seats away (signalling.md L1). An engine that stands still makes nobody's memory ours to fill (S8).
   */
  function inOrder(on: Connection, held: Held, message: SfuRequest): void {
    if (held.unsaidToEngine >= mostUnsaid) return on.fail('too-fast', closing.flooding);
    held.unsaidToEngine += 1;
    held.saidToEngine = (held.saidToEngine ?? Promise.resolve())
      .then(() => (on.held === held ? toEngine(house, on, message) : undefined))
      .finally(() => (held.unsaidToEngine -= 1))
      .catch((error: unknown) => {
        house.log.warn({ err: error, visit: on.visit }, 'the media engine was not told');
        on.fail('unavailable', closing.unavailable);
      });
  }

  function tick(): void {
    const now = house.clock.now();
    for (const on of all) {
      if (on.closed) continue;
      if (!on.spoken && now - on.openedAt >= firstMessageMs) on.close(closing.silent);
      else if (on.held && now >= on.held.leaseUntil) {
        const held = on.held;
        void on.queue(async () => {
          if (on.held !== held || house.clock.now() < held.leaseUntil) return;
          await giveUp(house, on, 'lapsed');
          on.revoked('lease-expired');
        });
      } else if (now - on.heardAt >= silentMs) on.close(closing.silent);
      else {
        if (now - on.pingedAt >= pingMs) {
          on.pingedAt = now;
          on.ping();
        }
        if (on.watching && now - on.statusAt >= statusMs) {
          on.statusAt = now;
          void on.queue(async () => {
            const code = await unwelcome(on);
            if (code === undefined) await status(on, true);
            else await shut(house, on, code);
          });
        }
      }
    }
    if (now - sweptAt >= 30_000) {
      sweptAt = now;
      sweepMessages(house.db, now).catch((error: unknown) =>
        house.log.warn({ err: error }, 'old messages were not swept'),
      );
    }
  }

  function onChanged({ tenant, clinician }: VisitChanged): void {
    for (const on of all)
      if (on.watching && on.tenant === tenant && on.seen?.row.clinician === clinician)
        void on.queue(() => status(on));
  }

  function onHappened({ tenant, visit, event }: RoomHappened): void {
    // In turn: never before `joined`, and what happens while somebody sits down is not lost to her.
    for (const on of inVisit(tenant, visit))
      void on.queue(async () => {
        if (on.held) on.send(event);
      });
  }

  function onRevoked({ tenant, visit, reason, person, connection }: SeatsRevoked): void {
    for (const on of inVisit(tenant, visit)) {
      if (connection ? on.id !== connection : person && on.held?.person !== person) continue;
      // Not queued: media ends now, whatever else this socket still has to do.
      if (on.held) on.revoked(reason);
    }
  }

  function onStirred({ tenant, visit, receiver, n = Infinity }: RoomStirred): void {
    for (const on of inVisit(tenant, visit)) {
      // Also of her who is just sitting down: it has its turn after `joined`.
      if (receiver === undefined) void on.queue(() => refreshRoster(seats, on));
      else if (on.held?.peer === receiver)
        // One look brings all that waits: the events of what it brought need none.
        void on.queue(async () => {
          if (on.held && on.held.told < n) await drain(talk, on);
        });
    }
  }

  /** Events were missed: ask for everything once. */
  function onGap(): void {
    for (const on of all) {
      if (on.watching) void on.queue(() => status(on));
      if (!on.held) continue;
      void on.queue(async () => {
        await refreshRoster(seats, on);
        await drain(talk, on);
      });
      // What each of them then asks for over HTTP is asked one after the other, not by thousands at once.
      spread(() => void on.queue(() => tellMissed(talk, on)));
    }
  }

  return {
    handle,
    unseen: (on) => hide(house, on, closing.unknown),
    async gone(on) {
      all.delete(on);
      const room = rooms.get(keyOf(on.tenant, on.visit));
      room?.delete(on);
      if (!room?.size) rooms.delete(keyOf(on.tenant, on.visit));
      const work = giveUp(house, on, 'dropped');
      leaving.add(work);
      await work.finally(() => leaving.delete(work));
    },
    add(on) {
      const same = [...near(on)].filter((one) => one.caller.id === on.caller.id);
      if (same.length >= mostSockets) return false;
      const key = keyOf(on.tenant, on.visit);
      all.add(on);
      rooms.set(key, (rooms.get(key) ?? new Set()).add(on));
      return true;
    },
    start() {
      const listen = <T>(channel: string, fn: (payload: T) => void, gap?: () => void): void => {
        stops.push(house.events.subscribe(channel, (payload) => fn(payload as T), gap));
      };
      listen<VisitChanged>(channels.changed, onChanged, onGap);
      listen<SeatsRevoked>(channels.revoked, onRevoked);
      listen<RoomStirred>(channels.stirred, onStirred);
      listen<RoomHappened>(channels.happened, onHappened);
      stops.push(followReach(house, all, unwelcome, spread));
      stops.push(
        house.access.onEnded(
          ({ tenant, account }) => {
            for (const on of all) if (on.tenant === tenant && on.caller.id === account) asked(on);
          },
          () => {
            for (const on of all) spread(() => asked(on));
          },
        ),
      );
      // What lies unread is read first: a process that stood still must not blame those who spoke meanwhile.
      timer = setInterval(() => setImmediate(tick), tickMs);
      timer.unref();
    },
    async stop() {
      clearInterval(timer);
      for (const stop of stops.splice(0)) stop();
      for (const on of all) on.close(closing.goingDown);
      // The seats of sockets that just closed are given up before the database goes.
      const until = Date.now() + 2_000;
      while ((all.size || leaving.size) && Date.now() < until)
        await new Promise((resolve) => setTimeout(resolve, 20));
    },
    tick,
    get size() {
      return all.size;
    },
  };
}

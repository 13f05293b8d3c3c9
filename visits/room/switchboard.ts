/** The sockets of this process: what each message does, who hears of what, and what time does to the silent. */
import { Refusal } from '@afar/fhir';
import { seeVisit } from '../checks.ts';
import { channels, tell, type House } from '../house.ts';
import type { RoomStirred, SeatsRevoked, VisitChanged } from '../house.ts';
import { enginesOf } from '../media/port.ts';
import type { ClientMessage, ServerMessage } from '../messages.ts';
import { findVisit, type VisitRow } from '../visit-row.ts';
import { heard, waitingStatus } from '../waiting/place.ts';
import { auditSocket } from './audit.ts';
import { closing, type Connection, type Protocol } from './connection.ts';
import { drain, join, refreshRoster, renew } from './join.ts';
import { leave, sweepMessages } from './relay.ts';
import { setMedia, standUp } from './seats.ts';
import { voidTickets } from './tickets.ts';
import { followReach } from './withdrawn.ts';

/** S3 */
const firstMessageMs = 5_000;
/** L4 */
const pingMs = 15_000;
const silentMs = 2.5 * pingMs;
/** W2 */
const statusMs = 15_000;
/** S6 */
const mostSockets = 4;
const tickMs = 1_000;

export interface Switchboard extends Protocol {
  /** False when this person holds too many sockets on this visit already. */
  add(on: Connection): boolean;
  start(): void;
  stop(): Promise<void>;
  /** Looks at the clock once: leases, pings, statuses. Runs each second while started. */
  tick(): void;
  readonly size: number;
}

type ToPeer = Extract<ClientMessage, { to: string }>;

export function createSwitchboard(house: House): Switchboard {
  const all = new Set<Connection>();
  const leaving = new Set<Promise<void>>();
  const stops: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;
  let sweptAt = 0;

  const inVisit = (tenant: number, visit: string): Connection[] =>
    [...all].filter((one) => one.tenant === tenant && one.visit === visit);

  async function status(on: Connection, force = false): Promise<void> {
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

  const isPatient = (on: Connection): boolean => on.seen?.standing === 'patient';

  /**
   * A watcher has no lease: session and care relation are asked for at each regular status instead.
   * @returns the code to close with; undefined to go on
   */
  async function unwelcome(on: Connection): Promise<number | undefined> {
    const caller = await house.access.authenticate(on.req);
    if (caller?.id !== on.caller.id || caller.tenant !== on.tenant) return closing.refused;
    try {
      on.seen = await seeVisit(house, caller, on.visit);
      return undefined;
    } catch (error) {
      if (error instanceof Refusal && error.status < 500) return closing.unknown;
      throw error;
    }
  }

  /** Not queued, whatever else this socket still has to do: who is signed out or disabled is out now. */
  async function askAgain(on: Connection): Promise<void> {
    const caller = await house.access.authenticate(on.req);
    if (on.closed || (caller?.id === on.caller.id && caller.tenant === on.tenant)) return;
    const { held, tenant, visit } = on;
    if (!held) return on.close(closing.refused);
    const stoodUp = giveUp(on, true);
    on.revoked('access-withdrawn');
    await stoodUp;
    for (const engine of enginesOf(house.media)) await engine.eject({ tenant, visit }, held.peer);
  }

  function askAllAgain(which: (on: Connection) => boolean): void {
    for (const on of all)
      if (which(on))
        askAgain(on).catch((error: unknown) =>
          house.log.warn({ err: error, visit: on.visit }, 'a socket was not asked again'),
        );
  }

  async function watch(on: Connection): Promise<void> {
    await auditSocket(house, on, 'watch', 0);
    on.watching = true;
    await status(on, true);
    if (on.seen) changed(on.seen.row);
  }

  const changed = ({ tenant, rid, clinician }: VisitRow): void =>
    tell(house, 'changed', { tenant, visit: rid, clinician });

  async function relay(on: Connection, message: ToPeer): Promise<void> {
    const { held, tenant, visit } = on;
    if (!held) return on.fail('not-joined', closing.notAllowed);
    const { to, seq: _seq, ...said } = message;
    const receiver = held.roster.find((one) => one.peer === to && one.peer !== held.peer);
    const complain = (code: 'no-such-peer' | 'wrong-role'): void =>
      on.send({ type: 'error', code, fatal: false });
    if (!receiver) return complain('no-such-peer');
    const offering = held.role === 'clinician';
    const forOther = offering ? ['answer', 'restart'] : ['offer'];
    if (forOther.includes(said.type)) return complain('wrong-role');
    const relayed: ServerMessage = { from: held.peer, session: held.session, n: 0, ...said };
    const near = inVisit(tenant, visit).find((one) => one.held?.peer === to && !one.closed);
    if (near) {
      // The receiver sits in this process: no detour, but never past what still waits in the database.
      // Not awaited: two browsers that speak at the same moment would each hold their own queue and wait for the other's.
      const behind = held.stored.delete(to);
      void near.queue(async () => {
        if (behind) await drain(house, near);
        near.send(relayed);
      });
      return;
    }
    held.stored.add(to);
    await leave(house, { tenant, visit, receiver: to }, receiver.session, relayed);
    await house.events.publish(channels.stirred, { tenant, visit, receiver: to });
  }

  async function giveUp(on: Connection, left: boolean): Promise<void> {
    const { held, tenant, visit } = on;
    if (!held) return;
    delete on.held;
    const { person } = held;
    if (left) await voidTickets(house.db, { tenant, visit, person });
    const stood = await standUp(house.db, { tenant, visit, person, connection: on.id, left });
    if (!stood) return;
    tell(house, 'stirred', { tenant, visit });
    if (on.seen) changed(on.seen.row);
  }

  async function handle(on: Connection, message: ClientMessage): Promise<void> {
    switch (message.type) {
      case 'watch':
        return watch(on);
      case 'join':
        return join(house, on, message.token);
      case 'renew':
        return renew(house, on);
      case 'leave':
        return giveUp(on, true);
      case 'media': {
        const { held, tenant, visit, id: connection } = on;
        if (!held) return on.fail('not-joined', closing.notAllowed);
        const { person } = held;
        await setMedia(house.db, { tenant, visit, person, connection, media: message.media });
        return tell(house, 'stirred', { tenant, visit });
      }
      default:
        if ('to' in message) return relay(on, message);
        return on.send({ type: 'error', code: 'no-engine', fatal: false });
    }
  }

  function tick(): void {
    const now = house.clock.now();
    for (const on of all) {
      if (on.closed) continue;
      if (!on.watching && !on.held && now - on.openedAt >= firstMessageMs && !on.lastStatus)
        on.close(closing.silent);
      else if (on.held && now >= on.held.leaseUntil) {
        const held = on.held;
        void on.queue(async () => {
          if (on.held !== held || house.clock.now() < held.leaseUntil) return;
          await giveUp(on, false);
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
            else on.close(code);
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

  function onRevoked({ tenant, visit, reason, person, connection }: SeatsRevoked): void {
    for (const on of inVisit(tenant, visit)) {
      if (connection ? on.id !== connection : person && on.held?.person !== person) continue;
      // Not queued: media ends now, whatever else this socket still has to do.
      if (on.held) on.revoked(reason);
    }
  }

  function onStirred({ tenant, visit, receiver }: RoomStirred): void {
    for (const on of inVisit(tenant, visit)) {
      if (!on.held) continue;
      if (receiver === undefined) void on.queue(() => refreshRoster(house, on));
      else if (on.held.peer === receiver) void on.queue(() => drain(house, on));
    }
  }

  /** Events were missed: ask for everything once. */
  function onGap(): void {
    for (const on of all) {
      if (on.watching) void on.queue(() => status(on));
      if (on.held)
        void on.queue(async () => {
          await refreshRoster(house, on);
          await drain(house, on);
        });
    }
  }

  return {
    handle,
    async gone(on) {
      all.delete(on);
      const work = giveUp(on, false);
      leaving.add(work);
      await work.finally(() => leaving.delete(work));
    },
    add(on) {
      const same = inVisit(on.tenant, on.visit).filter((one) => one.caller.id === on.caller.id);
      if (same.length >= mostSockets) return false;
      all.add(on);
      return true;
    },
    start() {
      const listen = <T>(channel: string, fn: (payload: T) => void, gap?: () => void): void => {
        stops.push(house.events.subscribe(channel, (payload) => fn(payload as T), gap));
      };
      listen<VisitChanged>(channels.changed, onChanged, onGap);
      listen<SeatsRevoked>(channels.revoked, onRevoked);
      listen<RoomStirred>(channels.stirred, onStirred);
      stops.push(followReach(house, all, unwelcome));
      stops.push(
        house.access.onEnded(
          ({ tenant, account }) =>
            askAllAgain((on) => on.tenant === tenant && on.caller.id === account),
          () => askAllAgain(() => true),
        ),
      );
      timer = setInterval(tick, tickMs);
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

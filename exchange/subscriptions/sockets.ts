/** Sockets: bound by a token in their first message, told every event from then on, closed when the rights behind them end. */
import { bound as asNow, within } from '@afar/platform';
import type { FastifyInstance } from 'fastify';
import type { RawData, WebSocket } from 'ws';
import { tell, type House } from './house.ts';
import { become, loadOne } from './lifecycle.ts';
import { disclosedBy, look, notification, type NotificationType } from './notification.ts';
import { planOf, type Plan } from './plan.ts';
import { eventsOf, type Kept } from './rows.ts';
import { creatorOf, recordTelling } from './standing.ts';
import { looksLikeToken, useToken, type Binding } from './tokens.ts';

export const closing = {
  goingDown: 1001,
  malformed: 4400,
  refused: 4401,
  over: 4410,
  silent: 4408,
  tooMany: 4429,
} as const;

/** 10 s from opening to the first message. */
const bindWithinMs = 10_000;
/** Sockets of one process that have not said who they are: more is nobody's patience, but an attack. */
const mostUnbound = 200;
/** 30 s between pings; two unanswered: the other side is gone. */
const pingMs = 30_000;
/** How often rights are looked at when nothing happens. */
const recheckMs = 10_000;
/** A client that does not read is cut off before it fills our memory. */
const mostUnread = 1024 * 1024;
/** Events of one look. */
const page = 50;

interface Bound {
  id: string;
  last: number;
  toldAt: number;
}

interface Socket {
  ws: WebSocket;
  binding?: Binding;
  kind?: string;
  bound: Map<string, Bound>;
  heardAt: number;
  checkedAt: number;
  busy: Promise<void>;
}

export interface Sockets {
  route(app: FastifyInstance): void;
  /** Sends what is new, and what time asks for. */
  look(): Promise<void>;
  /** Somebody's session ended, or her account: undefined asks for everybody. */
  ended(who?: { tenant: number; account: string }): void;
  stop(): Promise<void>;
}

export function createSockets(house: House): Sockets {
  const { clock, limits } = house;
  const all = new Set<Socket>();

  function close(on: Socket, code: number): void {
    if (!all.delete(on)) return;
    on.ws.close(code);
    // 3 s: a client that does not answer the close is cut.
    setTimeout(() => on.ws.terminate(), 3_000).unref();
  }

  function send(on: Socket, text: string): void {
    if (on.ws.readyState !== on.ws.OPEN) return;
    if (on.ws.bufferedAmount > mostUnread) close(on, closing.silent);
    else on.ws.send(text);
  }

  const bundle = (on: Socket, kept: Kept, plan: Plan, type: NotificationType) =>
    send(on, JSON.stringify(notification(house, kept, plan, type)));

  /** Work of one socket, one after the other: events do not overtake each other. */
  function queue(on: Socket, work: () => Promise<void>): Promise<void> {
    // Once it is bound, its work is its tenant's, whoever asks for it: the house, an event, the browser.
    const asTenant = () => (on.binding ? within(on.binding.tenant, work) : work());
    on.busy = on.busy.then(asTenant).catch((error: unknown) => {
      house.log.warn({ err: error }, 'a socket of subscriptions could not be served');
      close(on, closing.goingDown);
    });
    return on.busy;
  }

  async function bind(on: Socket, text: string): Promise<void> {
    const [, token] = /^bind(?:-with-token)?:? +(\S+)\s*$/.exec(text) ?? [];
    if (on.binding || !token || !looksLikeToken(token)) return close(on, closing.malformed);
    const binding = await useToken(house.db, token, clock.now());
    if (!binding) return close(on, closing.refused);
    const others = [...all].filter((one) => one.binding?.creator === binding.creator);
    if (others.length >= limits.socketsPerCaller) return close(on, closing.tooMany);
    on.binding = binding;
    for (const id of binding.subscriptions) {
      const state = await stateOf(on, id);
      if (!state) continue;
      on.kind = state.kept.runsAs.kind;
      on.bound.set(id, { id, last: state.kept.sent, toldAt: clock.now() });
      if (state.plan.backport) bundle(on, state.kept, state.plan, 'handshake');
      else send(on, `bound ${id}`);
    }
    if (on.bound.size === 0) return close(on, closing.refused);
    await pump(on);
  }

  /** What is bound, if it may still be told; otherwise it is let go. */
  async function stateOf(on: Socket, id: string) {
    const { tenant, creator } = on.binding!;
    const kept = await loadOne(house, tenant, id);
    if (kept?.creator !== creator || kept.status !== 'active' || kept.channel !== 'websocket')
      return undefined;
    const plan = planOf(kept.resource, limits);
    const over = kept.ends !== null && kept.ends <= clock.now();
    const caller = over ? undefined : await creatorOf(house, kept, plan);
    if (caller) return { kept, plan, caller };
    await become(
      house,
      kept,
      'off',
      over ? 'its time has ended' : 'the account or client that made it may no longer do this',
    );
    return undefined;
  }

  async function pump(on: Socket): Promise<void> {
    on.checkedAt = clock.now();
    for (const bound of on.bound.values()) {
      const state = await stateOf(on, bound.id);
      if (state) await pumpOne(on, bound, state);
      else on.bound.delete(bound.id);
      if (!all.has(on)) return;
    }
    if (on.bound.size === 0) close(on, closing.over);
  }

  async function pumpOne(
    on: Socket,
    bound: Bound,
    { kept, plan, caller }: NonNullable<Awaited<ReturnType<typeof stateOf>>>,
  ): Promise<void> {
    while (bound.last < kept.events && all.has(on)) {
      const events = await eventsOf(house.db, house.keys, kept, {
        from: bound.last + 1,
        to: kept.events,
        limit: plan.backport ? Math.min(plan.maxCount, page) : page,
      });
      if (events.length === 0) break;
      if (plan.backport) {
        const told = await look(house, caller, events, plan.content === 'full-resource');
        const patients = plan.content === 'empty' ? [] : disclosedBy(told);
        if (patients.length > 0) await recordTelling(house, caller, kept, patients);
        const body = notification(house, kept, plan, 'event-notification', { events: told });
        send(on, JSON.stringify(body));
      } else for (const _event of events) send(on, `ping ${kept.id}`);
      bound.last = events.at(-1)!.number;
      bound.toldAt = clock.now();
      await house.db.query(
        'update exchange.subscription set sent = greatest(sent, $3), told_at = $4 where tenant = $1 and id = $2',
        [kept.tenant, kept.id, bound.last, bound.toldAt],
      );
    }
    bound.last = Math.max(bound.last, kept.events);
    if (!plan.heartbeatMs || !plan.backport || clock.now() < bound.toldAt + plan.heartbeatMs)
      return;
    bundle(on, kept, plan, 'heartbeat');
    bound.toldAt = clock.now();
  }

  /** Whether there is something for it to look at: new events, a heartbeat, or rights that were not looked at for a while. */
  async function due(on: Socket): Promise<boolean> {
    if (clock.now() - on.checkedAt >= recheckMs) return true;
    const { rows } = await house.db.query<{ id: string; events: number }>({
      name: 'exchange.socket-due',
      text: `select id, events from exchange.subscription where tenant = $1 and id = any($2::uuid[])`,
      values: [on.binding!.tenant, [...on.bound.keys()]],
    });
    return (
      rows.length < on.bound.size || rows.some(({ id, events }) => events > on.bound.get(id)!.last)
    );
  }

  function open(ws: WebSocket): void {
    const unbound = [...all].filter((one) => !one.binding).length;
    if (unbound >= mostUnbound) return ws.close(closing.tooMany);
    const on: Socket = {
      ws,
      bound: new Map(),
      heardAt: clock.now(),
      checkedAt: 0,
      busy: Promise.resolve(),
    };
    all.add(on);
    const late = setTimeout(() => on.binding || close(on, closing.malformed), bindWithinMs);
    late.unref();
    let pinged = 0;
    const pinger = setInterval(() => {
      if (++pinged > 2) close(on, closing.silent);
      else ws.ping();
    }, pingMs);
    pinger.unref();
    ws.on('pong', () => (pinged = 0));
    // Frames come by events of the connection: they are the opening request's.
    const onMessage = (data: RawData, isBinary: boolean): void => {
      const text = (data as Buffer).toString('utf8');
      if (isBinary || text.length > 200) return close(on, closing.malformed);
      void queue(on, () => bind(on, text));
    };
    ws.on('message', asNow(onMessage));
    // A frame over the limit ends here, closed by the library; its text is not ours to log.
    ws.on('error', () => close(on, closing.malformed));
    ws.on('close', () => {
      all.delete(on);
      clearTimeout(late);
      clearInterval(pinger);
    });
  }

  return {
    route(app) {
      app.get('/socket', { websocket: true }, (ws) => open(ws));
    },
    async look() {
      await Promise.all(
        [...all]
          .filter((on) => on.bound.size > 0)
          .map((on) =>
            queue(on, async () => {
              if (all.has(on) && (await due(on))) await pump(on);
            }),
          ),
      );
    },
    ended(who) {
      for (const on of all) {
        const { binding } = on;
        if (!binding) continue;
        if (who && (binding.tenant !== who.tenant || binding.creator !== who.account)) continue;
        // Her token was given to a session: when it is over, so is what it opened.
        if (who && on.kind === 'user') close(on, closing.refused);
        else void queue(on, () => pump(on));
      }
      tell(house);
    },
    async stop() {
      const open = [...all];
      for (const on of open) close(on, closing.goingDown);
      await Promise.all(open.map((on) => on.busy));
    },
  };
}

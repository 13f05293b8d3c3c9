/** One socket of one browser: what it is allowed to say, in order, and what it is told (signalling.md). */
import { randomUUID } from 'node:crypto';
import type { Caller } from '@afar/access';
import { within } from '@afar/platform';
import type { RawData, WebSocket } from 'ws';
import type { House } from '../house.ts';
import type { MediaLink } from '../media/port.ts';
import type {
  ClientMessage,
  RevokeReason,
  RoomState,
  ServerMessage,
  SocketErrorCode,
} from '../messages.ts';
import { type Comer, type InSight, isHidden } from './comer.ts';
import { endLink } from './engine.ts';
import { flood } from './flood.ts';
import { parseMessage } from './parse-message.ts';
import type { Seat } from './seats.ts';

/** Close codes of signalling.md. */
export const closing = {
  left: 1000,
  goingDown: 1001,
  unavailable: 1013,
  malformed: 4400,
  refused: 4401,
  notAllowed: 4403,
  unknown: 4404,
  silent: 4408,
  replaced: 4409,
  revoked: 4410,
  flooding: 4429,
} as const;

/** The seat this socket holds. */
export interface Held extends Pick<
  Seat,
  'person' | 'peer' | 'role' | 'kind' | 'session' | 'whispers'
> {
  leaseUntil: number;
  /** What this browser can resume with for certain: it came with it, or was told it before the last thing it said. */
  resume?: string;
  /** What it came with, until it says something: then the successor that stood in `joined` has come. */
  former?: string;
  /** As last told to this browser. */
  state: RoomState;
  /** The number of the last message from another seat that went out here. */
  told: number;
  /** Media behind our socket, while the room's engine is such a one. */
  link?: Promise<MediaLink | undefined>;
  /** Settles when the engine has had all that was said to it so far. */
  saidToEngine?: Promise<void>;
  /** Messages that the engine has not had yet. */
  unsaidToEngine: number;
}

export interface Connection {
  readonly id: string;
  readonly tenant: number;
  readonly visit: string;
  readonly comer: Comer;
  readonly openedAt: number;
  caller: Caller;
  /** Known once the visit was read. */
  seen?: InSight;
  /** Said anything at all yet. */
  spoken: boolean;
  watching: boolean;
  held?: Held;
  /** ms; last frame or pong */
  heardAt: number;
  pingedAt: number;
  lastStatus?: string;
  statusAt: number;
  send(message: ServerMessage): void;
  ping(): void;
  /** Runs after everything asked before on this socket: messages of one browser never overtake each other. */
  queue(work: () => Promise<void>): Promise<void>;
  close(code: number): void;
  fail(code: SocketErrorCode, close: number): void;
  revoked(reason: RevokeReason): void;
  readonly closed: boolean;
}

/** The sockets of this process that sit in the same room. */
export type Near = (on: Connection) => Iterable<Connection>;

export interface Protocol {
  handle(on: Connection, message: ClientMessage): Promise<void>;
  gone(on: Connection): Promise<void>;
  /** She came, and there is no such visit for her. */
  unseen(on: Connection): Promise<void>;
}

/** A browser that does not read is cut off before it fills our memory: 1 MiB is some hundred SDPs. */
const mostUnread = 1024 * 1024;

/** Wraps a socket that was just opened. The visit is read before the first message is handled. */
export function openConnection(
  house: House,
  protocol: Protocol,
  ws: WebSocket,
  opened: { comer: Comer; caller: Caller; visit: string },
): Connection {
  const now = house.clock.now();
  const inTime = flood(now);
  let chain: Promise<void> = Promise.resolve();
  let closed = false;

  const on: Connection = {
    id: randomUUID(),
    tenant: opened.caller.tenant,
    visit: opened.visit,
    comer: opened.comer,
    caller: opened.caller,
    openedAt: now,
    spoken: false,
    watching: false,
    heardAt: now,
    pingedAt: now,
    statusAt: 0,
    get closed() {
      return closed;
    },
    send(message) {
      if (closed || ws.readyState !== ws.OPEN) return;
      if (ws.bufferedAmount > mostUnread) on.close(closing.silent);
      else ws.send(JSON.stringify(message));
    },
    ping() {
      if (ws.readyState === ws.OPEN) ws.ping();
    },
    queue(work) {
      chain = chain.then(async () => {
        if (closed) return;
        try {
          // A frame, a tick, an event of the house: whatever asks, it is done for the caller's tenant.
          await within(on.tenant, work);
        } catch (error) {
          house.log.warn({ err: error, visit: on.visit }, 'a socket could not be served');
          on.fail('unavailable', closing.unavailable);
        }
      });
      return chain;
    },
    close(code) {
      if (closed) return;
      closed = true;
      ws.close(code);
      // 3 s: a browser that does not answer the close is cut.
      setTimeout(() => ws.terminate(), 3_000).unref();
    },
    fail(code, close) {
      on.send({ type: 'error', code, fatal: true });
      on.close(close);
    },
    revoked(reason) {
      if (on.held) void endLink(house, on.held);
      delete on.held;
      on.send({ type: 'revoked', reason });
      const codes: Partial<Record<RevokeReason, number>> = {
        replaced: closing.replaced,
        'lease-expired': closing.silent,
      };
      on.close(codes[reason] ?? closing.revoked);
    },
  };

  ws.on('message', (data: RawData, isBinary: boolean) => {
    if (closed) return;
    on.heardAt = house.clock.now();
    on.spoken = true;
    const text = isBinary ? undefined : (data as Buffer).toString('utf8');
    const bytes = (data as Buffer).length;
    if (!inTime(on.heardAt, bytes)) return on.fail('too-fast', closing.flooding);
    const message = text === undefined ? undefined : parseMessage(text);
    if (!message) return on.fail('malformed', closing.malformed);
    void on.queue(() => protocol.handle(on, message));
  });
  ws.on('pong', () => {
    on.heardAt = house.clock.now();
  });
  // A frame over the limit ends here with 1009, sent by the library; its text is not ours to log.
  ws.on('error', () => on.close(1009));
  ws.on('close', () => {
    closed = true;
    chain = chain.then(() =>
      within(on.tenant, () => protocol.gone(on)).catch((error: unknown) =>
        house.log.warn({ err: error }, 'a seat was not given up'),
      ),
    );
  });

  void on.queue(async () => {
    try {
      // Who was shut out while the socket opened was told of before this socket was there to hear it.
      const caller = await on.comer.authenticate();
      if (caller?.id !== on.caller.id) return on.close(closing.refused);
      on.seen = await on.comer.see(on.caller);
    } catch (error) {
      const { status } = error as { status?: number };
      if (status !== 404 && status !== 403 && status !== 410) throw error;
      // One answer for "not there" and "not yours" (W1).
      on.close(closing.unknown);
      if (isHidden(error)) await protocol.unseen(on);
    }
  });
  return on;
}

/** The socket of a visit: takes the seat, keeps the lease, comes back by itself [signalling.md S, J, L]. */
import type {
  ClientMessage,
  IceServer,
  JoinTicket,
  RevokeReason,
  RoomEvent,
  ServerMessage,
  SfuSaid,
} from '@afar/visits/contract';
import { debugRejoin, type Rejoin } from './debug.ts';
import { Pace } from './pace.ts';
import { PostBox } from './post-box.ts';

type Joined = Extract<ServerMessage, { type: 'joined' }>;
export type Relay = Extract<ServerMessage, { from: string }>;

export interface SignalEvents {
  joined: (message: Joined) => void;
  roster: (message: Extract<ServerMessage, { type: 'roster' }>) => void;
  relayed: (message: Relay) => void;
  /** A word of the media engine. */
  engine: (message: SfuSaid) => void;
  /** Something happened in the room that is fetched by its id. */
  event: (message: RoomEvent) => void;
  iceServers: (servers: IceServer[]) => void;
  /** The way to the server is cut or restored; media goes on meanwhile. */
  reachable: (now: boolean) => void;
  /** The lease ran out without a word: media and keys go now, a new seat may be had later [L2]. */
  lapsed: () => void;
  /** Media must stop at once, for good. */
  over: (reason: RevokeReason | 'refused') => void;
}

const renewEvery = 20_000; // [L1]
/** A renewal unanswered for this long means that the socket is dead though it looks open. */
const renewAnswer = 8000;
/** Opening a socket and sitting down is more work for a busy server than renewing. */
const joinAnswer = 15_000;
/** A timer that is as late as this tells of a page, not of a network. */
const stoodStill = 1000;
/** Back-off between attempts, ms, with jitter [Close codes, 1001]. */
const pauses = [0, 500, 1000, 2000, 4000];
const closedForGood: Record<number, RevokeReason | 'refused'> = {
  4400: 'refused',
  4403: 'refused',
  4404: 'refused',
  4409: 'replaced',
  1009: 'refused',
};

/** One person's seat in one visit. */
export class SignalSocket {
  readonly #ticket: () => Promise<JoinTicket>;
  readonly #events: SignalEvents;
  readonly #waiting: ClientMessage[] = [];
  readonly #box = new PostBox();
  readonly #pace = new Pace<ClientMessage>((message) => this.#write(message));
  #socket: WebSocket | undefined;
  #url = '';
  #resume: string | undefined;
  #tries = 0;
  #joined = false;
  #session = 0;
  #done = false;
  #ticketRefused = 0;
  #renewTimer: ReturnType<typeof setInterval> | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;
  #leaseTimer: ReturnType<typeof setTimeout> | undefined;
  #answerTimer: ReturnType<typeof setTimeout> | undefined;
  #patience = renewAnswer;

  constructor(ticket: () => Promise<JoinTicket>, events: SignalEvents) {
    this.#ticket = ticket;
    this.#events = events;
  }

  open(): void {
    this.#renewTimer = setInterval(() => this.#renew(), renewEvery);
    addEventListener('online', this.#hurry);
    void this.#connect();
  }

  /** Sends now, or as soon as the seat is held again. */
  send(message: ClientMessage): void {
    // Numbered ones are said again by the box when the seat is held again.
    if ('to' in message) {
      const stamped = this.#box.stamp(message);
      if (this.#joined) this.#pace.push(stamped);
    } else if (this.#joined) this.#write(message);
    else this.#waiting.push(message);
  }

  readonly #write = (message: ClientMessage): void => this.#socket!.send(JSON.stringify(message));

  /** Takes a new seat with a new session: the full rejoin when a connection cannot be mended. */
  rejoin(why: Rejoin): void {
    debugRejoin(why);
    this.#resume = undefined;
    this.#waiting.length = 0; // it belonged to the session that is over
    this.#leave();
    void this.#connect();
  }

  close(polite: boolean): void {
    if (this.#done) return;
    if (polite && this.#joined) this.#write({ type: 'leave' });
    this.#done = true;
    clearInterval(this.#renewTimer);
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#leaseTimer);
    removeEventListener('online', this.#hurry);
    this.#leave();
  }

  readonly #hurry = (): void => {
    if (this.#joined) return;
    clearTimeout(this.#retryTimer);
    this.#tries = 0;
    void this.#connect();
  };

  #leave(): void {
    this.#joined = false;
    this.#pace.clear();
    clearTimeout(this.#answerTimer);
    this.#answerTimer = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #end(reason: RevokeReason | 'refused'): void {
    if (this.#done) return;
    this.close(false);
    this.#events.over(reason);
  }

  #renew(): void {
    if (!this.#joined) return;
    this.send({ type: 'renew', after: this.#box.after });
    this.#awaitAnswer(renewAnswer);
  }

  /** A server that says anything at all is there, and answers when it comes to it: the lease says how long that may take. */
  #awaitAnswer(patience: number): void {
    clearTimeout(this.#answerTimer);
    this.#patience = patience;
    const since = performance.now();
    this.#answerTimer = setTimeout(() => {
      // A page that stood still itself has not read yet what came meanwhile.
      if (performance.now() - since > patience + stoodStill) return this.#awaitAnswer(patience);
      this.#leave();
      this.#events.reachable(false);
      this.#later(patience === renewAnswer ? 0 : undefined);
    }, patience);
  }

  async #connect(): Promise<void> {
    if (this.#done || this.#socket) return;
    let token = this.#resume;
    const after = token === undefined ? {} : { after: this.#box.after };
    if (!token) {
      try {
        const ticket = await this.#ticket();
        token = ticket.token;
        this.#url = ticket.url;
      } catch (error) {
        const status = (error as { status?: number }).status ?? 0;
        if (status === 401) return this.#end('access-withdrawn');
        if (status === 404 || status === 403) return this.#end('refused');
        if (status === 409) return this.#end('ended');
        return this.#later();
      }
      if (this.#done || this.#socket) return;
    }
    const address = new URL(this.#url, location.href);
    address.protocol = address.protocol.replace('http', 'ws');
    const socket = new WebSocket(address);
    this.#socket = socket;
    this.#awaitAnswer(joinAnswer);
    socket.addEventListener('open', () =>
      socket.send(JSON.stringify({ type: 'join', token, ...after })),
    );
    socket.addEventListener('message', (event) => {
      if (this.#socket === socket) this.#heard(JSON.parse(String(event.data)) as ServerMessage);
    });
    socket.addEventListener('close', (event) => {
      if (this.#socket !== socket) return;
      // Also of what was asked there: the next socket must not be hung up for it.
      this.#leave();
      this.#closed(event.code);
    });
  }

  #seated(message: Joined): void {
    this.#held(message.resume, message.leaseUntil);
    if (message.session !== this.#session) this.#box.reset();
    this.#session = message.session;
    this.#box.heard(message.heard);
    this.#box.tell(message.n);
    const again = [...this.#box.unheard];
    this.#joined = true;
    this.#tries = 0;
    this.#ticketRefused = 0;
    for (const one of again) this.#pace.push(one);
    this.#events.joined(message);
    this.#events.reachable(true);
    for (const one of this.#waiting.splice(0)) this.#write(one);
  }

  #heard(message: ServerMessage): void {
    if (this.#answerTimer !== undefined) this.#awaitAnswer(this.#patience);
    if ('from' in message) {
      if (this.#box.fresh(message.n)) this.#events.relayed(message);
      return;
    }
    switch (message.type) {
      case 'joined':
        return this.#seated(message);
      case 'renewed':
        this.#held(message.resume, message.leaseUntil);
        this.#box.heard(message.heard);
        return this.#events.iceServers(message.iceServers);
      case 'roster':
        return this.#events.roster(message);
      case 'revoked':
        return message.reason === 'lease-expired'
          ? this.rejoin('lease')
          : this.#end(message.reason);
      case 'error':
        if (message.code === 'ticket-refused') {
          if (this.#resume !== undefined) debugRejoin('resume');
          this.#resume = undefined;
          this.#ticketRefused += 1;
        }
        return;
      case 'status':
      case 'guest':
        return;
      case 'sfu-published':
      case 'sfu-offer':
      case 'sfu-candidate':
      case 'sfu-restart':
      case 'sfu-error':
        return this.#events.engine(message);
      default:
        return this.#events.event(message);
    }
  }

  #held(resume: string, leaseUntil: string): void {
    clearTimeout(this.#answerTimer);
    this.#answerTimer = undefined;
    clearTimeout(this.#leaseTimer);
    this.#resume = resume;
    // The server's clock may differ from ours: trust it only within what a lease can last [L1].
    const lasts = Math.min(60_000, Math.max(45_000, Date.parse(leaseUntil) - Date.now()));
    // [L2] Peer to peer does not obey a server that has gone silent: this end stops by itself.
    this.#leaseTimer = setTimeout(() => {
      this.#events.lapsed();
      this.rejoin('lease');
    }, lasts);
  }

  #closed(code: number): void {
    if (this.#done) return;
    const forGood = closedForGood[code];
    if (forGood) return this.#end(forGood);
    if (code === 4410) return this.#end('ended');
    if (code === 4401 && this.#ticketRefused > 2) return this.#end('refused');
    this.#events.reachable(false);
    this.#later(code === 4429 ? 30_000 : undefined);
  }

  #later(pause = pauses[Math.min(this.#tries, pauses.length - 1)]!): void {
    this.#tries += 1;
    clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => void this.#connect(), pause * (0.75 + Math.random() / 2));
  }
}

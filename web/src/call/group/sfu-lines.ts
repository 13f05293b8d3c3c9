/** The lines of a room of many through our socket: one connection up, one down, each mended by itself. */
import type { ClientMessage, IceServer, Peer as Seat, SfuSaid } from '@afar/visits/contract';
import type { StreamName } from '../frame-cipher.ts';
import { Despair } from '../despair.ts';
import type { KeyDesk } from '../key-desk.ts';
import type { Arrival, LineEvents, MediaLines, RestartReason, Wanted } from '../media-lines.ts';
import type { SendLimits } from '../peer.ts';
import { RestartPace } from '../restart-pace.ts';
import { merged } from './arrivals.ts';
import { SfuDown } from './sfu-down.ts';
import { SfuUp } from './sfu-up.ts';

export interface SfuOptions {
  own: Seat;
  iceServers: IceServer[];
  keys: KeyDesk;
  limits: SendLimits;
  send: (message: ClientMessage) => void;
}

type End = 'up' | 'down';

const disconnectedFor = 1_000; // [R4]
/** ICE takes up to 15 s to give up on a candidate; twice that without media is not coming back. */
const hopelessAfter = 30_000;
/** The first time it takes as long as an engine that eight people come to at once. */
const neverConnectedAfter = 60_000;

export class SfuLines implements MediaLines {
  readonly engine = 'sfu';
  readonly #options: SfuOptions;
  #iceServers: IceServer[];
  readonly #events: LineEvents;
  readonly #tracks = new Map<StreamName, MediaStreamTrack | null>();
  #limits: SendLimits;
  /** An observer sends nothing and has no connection up. */
  #up: SfuUp | undefined;
  #down: SfuDown;
  #wanted: Wanted = { layers: {}, screens: {} };
  #unlocked = false;
  #restarts = 0;
  #closed = false;
  readonly #timers: Partial<Record<End, ReturnType<typeof setTimeout>>> = {};
  readonly #despair: Despair;
  readonly #pace: Record<End, RestartPace> = { up: new RestartPace(), down: new RestartPace() };

  constructor(options: SfuOptions, events: LineEvents) {
    this.#options = options;
    this.#iceServers = options.iceServers;
    this.#events = events;
    this.#limits = options.limits;
    this.#despair = new Despair(() => events.hopeless(), hopelessAfter);
    this.#up = options.own.hidden ? undefined : this.#openUp();
    this.#down = this.#openDown();
    // An engine that never answers lets nothing fail and nothing connect.
    if (this.#up) this.#despair.wait(neverConnectedAfter);
  }

  get restarts(): number {
    return this.#restarts;
  }

  async publish(stream: StreamName, track: MediaStreamTrack | null): Promise<void> {
    this.#tracks.set(stream, track);
    await this.#up?.publish(stream, track);
  }

  async limit(limits: SendLimits): Promise<void> {
    this.#limits = limits;
    await this.#up?.limit(limits);
  }

  unlock(): void {
    this.#unlocked = true;
    this.#up?.unlock();
  }

  /** Begins ICE of both connections anew, at the pace the rules allow. */
  restart(reason: RestartReason): boolean {
    const begun = (['up', 'down'] as const).map((end) => this.#restartEnd(end, reason));
    return begun.includes(true);
  }

  relays(servers: IceServer[]): void {
    this.#iceServers = servers;
    this.#up?.relays(servers);
    this.#down.relays(servers);
  }

  async stats(): Promise<Iterable<[string, unknown]>> {
    const [down, up] = await Promise.all([this.#down.stats(), this.#up?.stats()]);
    return merged(down, up ?? []);
  }

  receivers(): readonly RTCRtpReceiver[] {
    return this.#down.receivers();
  }

  arrivals(): Promise<Arrival[]> {
    return this.#down.arrivals();
  }

  /** Only what differs is said. */
  want({ layers, screens }: Wanted): void {
    const news = <T>(now: Record<string, T>, before: Record<string, T>): Record<string, T> =>
      Object.fromEntries(Object.entries(now).filter(([peer, one]) => before[peer] !== one));
    const said = {
      layers: news(layers, this.#wanted.layers),
      screens: news(screens, this.#wanted.screens),
    };
    this.#wanted = { layers, screens };
    if (Object.keys(said.layers).length || Object.keys(said.screens).length)
      this.#options.send({ type: 'sfu-want', ...said });
  }

  receive(message: SfuSaid): void {
    switch (message.type) {
      case 'sfu-published':
        return this.#up?.answered(message.negotiation, message.sdp);
      case 'sfu-offer':
        // Numbered from 1 again: the engine has begun a new connection, the old one is of no use.
        if (message.negotiation === 1 && this.#down.negotiation > 0) this.#renewDown();
        return this.#down.offered(message);
      case 'sfu-candidate':
        return (message.link === 'up' ? this.#up : this.#down)?.candidate(message.candidate);
      case 'sfu-error':
        if (message.link === 'up') this.#up?.refused(message.negotiation);
        return;
      case 'sfu-restart':
        return message.link === 'up' ? this.#renewUp() : this.#renewDown();
    }
  }

  /** The seat is held again after a cut of the socket: what was not answered is said again. */
  resumed(): void {
    this.#up?.repeat();
  }

  close(): void {
    this.#closed = true;
    for (const timer of Object.values(this.#timers)) clearTimeout(timer);
    this.#despair.over();
    this.#up?.close();
    this.#down.close();
  }

  #openUp(): SfuUp {
    const { keys, send } = this.#options;
    const iceServers = this.#iceServers;
    const up = new SfuUp(
      { iceServers, worker: keys.worker, limits: this.#limits },
      { send, state: (state) => this.#changed('up', state) },
    );
    for (const [stream, track] of this.#tracks) void up.publish(stream, track);
    if (this.#unlocked) up.unlock();
    return up;
  }

  #openDown(): SfuDown {
    const { keys, send } = this.#options;
    const iceServers = this.#iceServers;
    return new SfuDown(
      { iceServers, worker: keys.worker },
      {
        send,
        tell: (message) => keys.tell(message),
        track: (peer, stream, track) => {
          if (!this.#closed) this.#events.track(peer, stream, track);
        },
        state: (state) => this.#changed('down', state),
      },
    );
  }

  #renewUp(): void {
    if (!this.#up) return;
    this.#up.close();
    this.#up = this.#openUp();
    this.#despair.wait(neverConnectedAfter);
  }

  #renewDown(): void {
    this.#down.close();
    this.#down = this.#openDown();
    // A new connection knows nothing of what was wanted: all of it is said again.
    const wanted = this.#wanted;
    this.#wanted = { layers: {}, screens: {} };
    this.want(wanted);
  }

  #restartEnd(end: End, reason: RestartReason): boolean {
    if (this.#closed || !this.#pace[end].take(reason, Date.now())) return false;
    this.#restarts += 1;
    if (end === 'up') this.#up?.negotiate(true);
    else this.#options.send({ type: 'sfu-restart', link: 'down' });
    return true;
  }

  /** Whoever is alone in sending is sent nothing: the connection down is new until there is something. */
  #connected(): boolean {
    const fine = (state: RTCPeerConnectionState | undefined): boolean =>
      state === undefined || state === 'connected';
    return fine(this.#up?.state) && (this.#down.state === 'new' || fine(this.#down.state));
  }

  #changed(end: End, state: RTCPeerConnectionState): void {
    clearTimeout(this.#timers[end]);
    if (this.#closed) return;
    // An end may say that it failed by itself, whatever its connection still says.
    if (state !== 'failed' && this.#connected()) {
      this.#despair.over();
      this.#events.connected(true);
    } else if (state === 'failed' || state === 'disconnected') {
      this.#despair.wait();
      // A check answered late, on a device with eight pictures to draw, is no break: only one that lasts is told.
      this.#timers[end] = setTimeout(
        () => this.#mend(end),
        state === 'failed' ? 0 : disconnectedFor,
      );
    }
  }

  /** Tries again and again until it is connected or hopeless. */
  #mend(end: End): void {
    const state = (end === 'up' ? this.#up : this.#down)?.state;
    if (this.#closed || state === undefined || state === 'connected') return;
    this.#events.connected(false);
    this.#restartEnd(end, state === 'failed' ? 'ice-failed' : 'ice-disconnected');
    this.#timers[end] = setTimeout(() => this.#mend(end), this.#pace[end].left(Date.now()) + 500);
  }
}

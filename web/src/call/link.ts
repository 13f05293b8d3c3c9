/** VisitLink for two: signalling, keys and media of one visit as one thing with one state. */
import type {
  JoinTicket,
  MediaState,
  Peer as Seat,
  QualitySample,
  RevokeReason,
  ServerMessage,
} from '@afar/visits/contract';
import { Agreement, AgreementBroken } from './agreement.ts';
import { debugCounters, debugMark } from './debug.ts';
import type { StreamName } from './frame-cipher.ts';
import type { FrameCounts, KeysMessage } from './frame-messages.ts';
import FrameWorker from './frame-worker.ts?worker';
import { Peer, type SendLimits } from './peer.ts';
import { sampleOf, type Totals, totalsOf } from './quality.ts';
import { SignalSocket } from './signal.ts';
import { Watchdog } from './watchdog.ts';

type Relay = Extract<ServerMessage, { from: string }>;

export type Phase =
  /** On the way to the server. */
  | 'joining'
  /** Seated; the other one is not here. */
  | 'alone'
  /** Finding each other and agreeing on keys. */
  | 'securing'
  | 'live'
  /** Was live; the way is cut and being mended. */
  | 'mending'
  /** Over for good; see `over`. */
  | 'over';

export interface LinkState {
  phase: Phase;
  /** Ten digits, once both ends agree. */
  code?: string;
  remote: MediaStream;
  remoteMedia?: MediaState;
  remotePresent: boolean;
  /** tampered: the key exchange was broken into. unopened: frames come that cannot be opened. */
  warning?: 'tampered' | 'unopened';
  over?: RevokeReason | 'refused' | 'left';
  restarts: number;
}

const revealWithin = 10_000; // [K4]

export class VisitLink {
  readonly #visit: string;
  readonly #worker: Worker = new FrameWorker();
  readonly #signal: SignalSocket;
  readonly #listeners = new Set<() => void>();
  readonly #tracks: Partial<Record<StreamName, MediaStreamTrack | null>> = {};
  readonly #watchdog = new Watchdog();
  #state: LinkState = {
    phase: 'joining',
    remote: new MediaStream(),
    remotePresent: false,
    restarts: 0,
  };
  #limits: SendLimits;
  #media: MediaState = { camera: false, microphone: false, screen: false, audioOnly: false };
  #iceServers: RTCIceServer[] = [];
  #own: Seat | undefined;
  #other: Seat | undefined;
  #epoch = 0;
  #agreement: Promise<Agreement> | undefined;
  #peer: Peer | undefined;
  #held: Relay[] = [];
  #last: Totals | undefined;
  #revealTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(visit: string, ticket: () => Promise<JoinTicket>, limits: SendLimits) {
    this.#visit = visit;
    this.#limits = limits;
    this.#worker.addEventListener('message', ({ data }: MessageEvent<FrameCounts>) =>
      this.#counted(data),
    );
    this.#signal = new SignalSocket(ticket, {
      joined: (message) => {
        debugMark('joinedMs');
        this.#iceServers = message.iceServers;
        this.#seats(message.roster, message.peer);
        this.#signal.send({ type: 'media', media: this.#media });
      },
      roster: (message) => this.#seats(message.roster, this.#own?.peer),
      relayed: (message) => this.#relayed(message),
      iceServers: (servers) => (this.#iceServers = servers),
      reachable: () => undefined,
      lapsed: () => this.#teardown('joining'),
      over: (reason) => this.#end(reason),
    });
  }

  get state(): LinkState {
    return this.#state;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  connect(): void {
    addEventListener('online', this.#networkBack);
    this.#signal.open();
  }

  /** Sends a track, or stops sending its kind. */
  async publish(stream: StreamName, track: MediaStreamTrack | null): Promise<void> {
    this.#tracks[stream] = track;
    await this.#peer?.publish(stream, track);
  }

  /** Tells the other end what is sent. */
  say(media: MediaState): void {
    this.#media = media;
    if (this.#state.phase !== 'joining') this.#signal.send({ type: 'media', media });
  }

  async limit(limits: SendLimits): Promise<void> {
    this.#limits = limits;
    await this.#peer?.limit(limits);
  }

  /** One look at the connection since the last one, and the room congestion control sees (bit/s). */
  async sample(): Promise<{ sample: QualitySample; room: number | undefined } | undefined> {
    if (!this.#peer) return undefined;
    const now = totalsOf(await this.#peer.stats(), Date.now());
    const before = this.#last;
    this.#last = now;
    debugCounters({ framesDecoded: now.framesDecoded, pair: now.pair });
    if (this.#watchdog.decodedInTheClear(now.framesDecoded)) this.#tampered();
    if (!before || before.framesDecoded > now.framesDecoded) return undefined;
    // Gone from the roster and nothing comes any more: away, long before ICE notices.
    if (!this.#state.remotePresent && now.bytesIn === before.bytesIn) this.#moved(false);
    return { sample: sampleOf(before, now), room: now.room };
  }

  /** Gives the seat up. */
  leave(): void {
    this.#signal.close(true);
    this.#end('left');
  }

  readonly #networkBack = (): void => this.#peer?.restart('network-changed');

  #set(change: Partial<LinkState>): void {
    this.#state = { ...this.#state, ...change };
    debugCounters({ phase: this.#state.phase });
    for (const listener of this.#listeners) listener();
  }

  #end(reason: RevokeReason | 'refused' | 'left'): void {
    if (this.#state.phase === 'over') return;
    this.#teardown('over');
    this.#set({ over: reason });
    this.#worker.terminate();
    removeEventListener('online', this.#networkBack);
  }

  /** Drops connection, keys and the other's picture. */
  #teardown(phase: Phase): void {
    clearTimeout(this.#revealTimer);
    this.#keys(null);
    this.#peer?.close();
    this.#peer = undefined;
    this.#agreement = undefined;
    this.#epoch = 0;
    this.#last = undefined;
    const { code: _code, warning: _warning, ...rest } = this.#state;
    this.#state = rest;
    this.#set({ phase, remote: new MediaStream() });
  }

  #keys(keys: KeysMessage['keys']): void {
    this.#worker.postMessage({ keys } satisfies KeysMessage);
    this.#watchdog.reset();
  }

  #seats(roster: Seat[], ownPeer: string | undefined): void {
    this.#own = roster.find((seat) => seat.peer === ownPeer);
    this.#other = roster.find((seat) => seat.peer !== ownPeer);
    if (!this.#own || !this.#other) return;
    this.#set({
      remotePresent: this.#other.present,
      remoteMedia: this.#other.media,
    });
    const epoch = this.#own.session + this.#other.session; // [K1]
    if (this.#other.session === 0) this.#set({ phase: 'alone' });
    else if (epoch !== this.#epoch) this.#begin(epoch, this.#own, this.#other);
    for (const message of this.#held.splice(0)) this.#relayed(message);
  }

  /** A new pair of sessions: new keys, new connection. */
  #begin(epoch: number, own: Seat, other: Seat): void {
    this.#teardown('securing');
    this.#signal.forget();
    this.#epoch = epoch;
    const offers = own.peerRole === 'offer';
    this.#agreement = Agreement.begin(
      this.#visit,
      epoch,
      { peer: own.peer, offers },
      { peer: other.peer, offers: !offers },
    );
    this.#inExchange(epoch, async (agreement) => {
      this.#signal.send({ to: other.peer, ...(await agreement.commit()) });
    });
    const peer = new Peer(offers, this.#iceServers, this.#worker, this.#limits, {
      send: (message) => this.#signal.send({ to: other.peer, ...message }),
      track: (track) => {
        this.#state.remote.addTrack(track);
        this.#set({ remote: this.#state.remote });
      },
      connected: (now) => {
        if (now) debugMark('connectedMs');
        this.#moved(now);
      },
      hopeless: () => {
        // Somebody who is away comes back with a session of his own: nothing to hurry for.
        if (this.#other?.present) this.#signal.rejoin();
      },
    });
    this.#peer = peer;
    for (const stream of ['audio', 'video'] as const)
      void peer.publish(stream, this.#tracks[stream] ?? null);
    if (offers) peer.offer(false);
  }

  #relayed(message: Relay): void {
    if (!this.#other || message.from !== this.#other.peer) return;
    if (message.session < this.#other.session) return; // of a connection that is gone
    if (message.session > this.#other.session) {
      this.#held.push(message); // the roster that says so is on its way
      return;
    }
    if (message.type === 'commit' || message.type === 'reveal') this.#agreeing(message);
    else this.#peer?.receive(message);
  }

  #agreeing(message: Extract<Relay, { type: 'commit' | 'reveal' }>): void {
    if (message.epoch < this.#epoch) return;
    if (message.epoch > this.#epoch) {
      this.#held.push(message);
      return;
    }
    this.#inExchange(message.epoch, async (agreement) => {
      if (message.type === 'commit') {
        const reveal = agreement.committed(message.commitment);
        if (!reveal) return;
        this.#signal.send({ to: message.from, ...reveal });
        this.#revealTimer = setTimeout(() => {
          if (this.#other?.present) this.#tampered();
          else this.#signal.rejoin(); // gone in the middle of it: begin again, with no key given
        }, revealWithin);
      } else {
        const keys = await agreement.revealed(message.publicKey, message.nonce);
        if (!keys || message.epoch !== this.#epoch) return;
        clearTimeout(this.#revealTimer);
        this.#keys({ send: keys.send, receive: keys.receive });
        debugMark('keysMs');
        this.#peer?.unlock();
        this.#set({ code: keys.code });
        this.#moved(this.#connected);
      }
    });
  }

  /** Steps of one epoch's exchange, one after another; what is broken ends in the warning [K4]. */
  #inExchange(epoch: number, step: (agreement: Agreement) => Promise<void>): void {
    this.#agreement = this.#agreement?.then(async (agreement) => {
      if (epoch === this.#epoch)
        await step(agreement).catch((error: unknown) => {
          if (error instanceof AgreementBroken) this.#tampered();
          else throw error;
        });
      return agreement;
    });
  }

  #tampered(): void {
    this.#teardown('over');
    this.#set({ warning: 'tampered', over: 'refused' });
    this.#signal.close(true);
  }

  #connected = false;

  #moved(connected: boolean): void {
    this.#connected = connected;
    const { code, phase } = this.#state;
    if (connected && code) this.#set({ phase: 'live', restarts: this.#peer?.restarts ?? 0 });
    else if (!connected && (phase === 'live' || phase === 'mending'))
      this.#set({ phase: 'mending' });
  }

  /** The worker's counts: frames that come and cannot be opened mean that something is wrong [K8]. */
  #counted(counts: FrameCounts): void {
    debugCounters({
      framesDecrypted: counts.video.opened,
      audioFramesDecrypted: counts.audio.opened,
      framesSealed: counts.video.sealed,
      framesRefused: counts.video.refused + counts.audio.refused,
    });
    if (!this.#state.code) return;
    const finding = this.#watchdog.look(counts, Date.now());
    if (finding === 'blind' && !this.#state.warning) {
      this.#set({ warning: 'unopened' });
      this.#peer?.restart('no-media');
    } else if (finding === 'still-blind') this.#signal.rejoin();
    else if (finding === 'seeing' && this.#state.warning === 'unopened') {
      const { warning: _gone, ...rest } = this.#state;
      this.#state = rest;
      this.#set({});
    }
  }
}

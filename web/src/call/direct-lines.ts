/** The lines of a call of two: one connection from browser to browser, nobody between. */
import type { IceServer, Relayed } from '@afar/visits/contract';
import type { StreamName } from './frame-cipher.ts';
import type { Arrival, LineEvents, MediaLines, RestartReason } from './media-lines.ts';
import { Peer, type SendLimits } from './peer.ts';

export interface DirectOptions {
  /** The other one. */
  peer: string;
  offers: boolean;
  iceServers: IceServer[];
  worker: Worker;
  limits: SendLimits;
  send: (message: Relayed) => void;
}

export class DirectLines implements MediaLines {
  readonly engine = 'p2p';
  readonly peer: string;
  readonly #peer: Peer;

  constructor(options: DirectOptions, events: LineEvents) {
    const { peer, offers, iceServers, worker, limits, send } = options;
    this.peer = peer;
    this.#peer = new Peer(offers, iceServers, worker, limits, {
      send,
      track: (track: MediaStreamTrack, stream?: StreamName) =>
        events.track(peer, stream ?? (track.kind === 'audio' ? 'audio' : 'video'), track),
      connected: events.connected,
      hopeless: events.hopeless,
    });
    if (offers) this.#peer.offer(false);
  }

  get restarts(): number {
    return this.#peer.restarts;
  }

  publish(stream: StreamName, track: MediaStreamTrack | null): Promise<void> {
    return this.#peer.publish(stream, track);
  }

  limit(limits: SendLimits): Promise<void> {
    return this.#peer.limit(limits);
  }

  unlock(): void {
    this.#peer.unlock();
  }

  restart(reason: RestartReason): boolean {
    return this.#peer.restart(reason);
  }

  relays(servers: IceServer[]): void {
    this.#peer.relays(servers);
  }

  stats(): Promise<Iterable<[string, unknown]>> {
    return this.#peer.stats();
  }

  arrivals(): Promise<Arrival[]> {
    return Promise.resolve([]);
  }

  receivers(): readonly RTCRtpReceiver[] {
    return this.#peer.receivers();
  }

  /** Two see each other as well as the line allows: congestion control decides. */
  want(): void {
    return undefined;
  }

  receive(message: Extract<Relayed, { type: 'offer' | 'answer' | 'candidate' | 'restart' }>): void {
    this.#peer.receive(message);
  }

  close(): void {
    this.#peer.close();
  }
}

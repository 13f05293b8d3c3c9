/** The connection from the engine: everybody's streams, each opened under the keys of the one it is said to be of. */
import type { Candidate, IceServer, SfuRequest, SfuSaid } from '@afar/visits/contract';
import type { StreamName } from '../frame-cipher.ts';
import type { PageMessage, TransformOptions } from '../frame-messages.ts';
import type { Arrival } from '../media-lines.ts';
import { oneWayOnly } from '../sdp.ts';
import { arrivalsOf } from './arrivals.ts';

type Offer = Extract<SfuSaid, { type: 'sfu-offer' }>;

export interface DownEvents {
  send: (message: SfuRequest) => void;
  tell: (message: PageMessage) => void;
  track: (peer: string, stream: StreamName, track: MediaStreamTrack | null) => void;
  state: (state: RTCPeerConnectionState) => void;
}

/** An offer that cannot be taken as often as this will not be taken. */
const mostFailures = 3;

/** Lines are named over all connections of a page: what is late on one must not be taken for another's. */
let connections = 0;

export class SfuDown {
  readonly #pc: RTCPeerConnection;
  readonly #worker: Worker;
  readonly #events: DownEvents;
  readonly #name = `down-${++connections}`;
  /** Whose stream each line carries, by mid. */
  #streams = new Map<string, { peer: string; stream: StreamName }>();
  readonly #tracks = new Map<string, MediaStreamTrack>();
  readonly #early: (Candidate | null)[] = [];
  #negotiation = 0;
  #failures = 0;
  #closed = false;
  #chain: Promise<void> = Promise.resolve();

  constructor(options: { iceServers: IceServer[]; worker: Worker }, events: DownEvents) {
    this.#worker = options.worker;
    this.#events = events;
    this.#pc = new RTCPeerConnection({
      iceServers: options.iceServers,
      bundlePolicy: 'max-bundle',
    });
    this.#pc.addEventListener('icecandidate', ({ candidate }) =>
      events.send({
        type: 'sfu-candidate',
        link: 'down',
        candidate: candidate ? (candidate.toJSON() as Candidate) : null,
      }),
    );
    this.#pc.addEventListener('connectionstatechange', () => {
      if (!this.#closed) events.state(this.#pc.connectionState);
    });
    this.#pc.addEventListener('track', (event) => this.#arrived(event));
  }

  get state(): RTCPeerConnectionState {
    return this.#pc.connectionState;
  }

  get negotiation(): number {
    return this.#negotiation;
  }

  /** For the next ICE restart: the connection as it is stays. */
  relays(iceServers: IceServer[]): void {
    this.#pc.setConfiguration({ ...this.#pc.getConfiguration(), iceServers });
  }

  stats(): Promise<RTCStatsReport> {
    return this.#pc.getStats();
  }

  receivers(): readonly RTCRtpReceiver[] {
    return this.#pc.getReceivers();
  }

  async arrivals(): Promise<Arrival[]> {
    return arrivalsOf(await this.#pc.getStats(), (mid) => this.#streams.get(mid));
  }

  offered({ negotiation, sdp, streams }: Offer): void {
    this.#inTurn(async () => {
      if (negotiation <= this.#negotiation) return;
      this.#negotiation = negotiation;
      // On a two-way line a transform is silently ignored and frames would play unopened.
      if (!oneWayOnly(sdp)) throw new Error('a two-way line was offered');
      this.#nameLines(streams);
      await this.#pc.setRemoteDescription({ type: 'offer', sdp });
      await this.#pc.setLocalDescription(await this.#pc.createAnswer());
      for (const candidate of this.#early.splice(0)) await this.#add(candidate);
      this.#events.send({
        type: 'sfu-answer',
        negotiation,
        sdp: this.#pc.localDescription!.sdp,
      });
    });
  }

  candidate(candidate: Candidate | null): void {
    this.#inTurn(async () => {
      if (this.#pc.remoteDescription) await this.#add(candidate);
      else this.#early.push(candidate);
    });
  }

  close(): void {
    this.#closed = true;
    this.#pc.close();
    for (const [mid, { peer, stream }] of this.#streams) {
      this.#events.tell({ type: 'line', line: this.#line(mid), to: null });
      this.#events.track(peer, stream, null);
    }
  }

  readonly #line = (mid: string): string => `${this.#name}-${mid}`;

  /**
   * Says whose each line is before the first frame of it can come. The engine may lie about it: then nothing opens,
   * for keys are the sender's own.
   */
  #nameLines(streams: Offer['streams']): void {
    const before = this.#streams;
    this.#streams = new Map(streams.map(({ mid, peer, kind }) => [mid, { peer, stream: kind }]));
    for (const [mid, was] of before) {
      const now = this.#streams.get(mid);
      if (now?.peer === was.peer && now.stream === was.stream) continue;
      this.#events.track(was.peer, was.stream, null);
      if (!now) this.#events.tell({ type: 'line', line: this.#line(mid), to: null });
    }
    for (const [mid, now] of this.#streams) {
      const was = before.get(mid);
      if (was?.peer === now.peer && was.stream === now.stream) continue;
      this.#events.tell({ type: 'line', line: this.#line(mid), to: now });
      // The line stays and carries somebody else's from now on: no `track` tells of it.
      const track = this.#tracks.get(mid);
      if (was && track) this.#events.track(now.peer, now.stream, track);
    }
  }

  #arrived({ track, receiver, transceiver }: RTCTrackEvent): void {
    const { mid } = transceiver;
    if (mid === null || transceiver.direction !== 'recvonly') {
      track.stop();
      return;
    }
    // Of an offer that came, the receiver is made now: later would be too late.
    if (!this.#tracks.has(mid))
      receiver.transform = new RTCRtpScriptTransform(this.#worker, {
        direction: 'receive',
        line: this.#line(mid),
      } satisfies TransformOptions);
    this.#tracks.set(mid, track);
    const now = this.#streams.get(mid);
    if (now) this.#events.track(now.peer, now.stream, track);
  }

  #add(candidate: Candidate | null): Promise<void> {
    return this.#pc.addIceCandidate(candidate ?? undefined).catch(() => undefined);
  }

  /** One after another; after what fails the engine is asked for a new offer, not more than three times. */
  #inTurn(step: () => Promise<void>): void {
    this.#chain = this.#chain
      .then(() => (this.#closed ? undefined : step()))
      .catch(() => {
        this.#failures += 1;
        if (this.#closed) return;
        if (this.#failures <= mostFailures)
          this.#events.send({ type: 'sfu-restart', link: 'down' });
        else this.#events.state('failed');
      });
  }
}

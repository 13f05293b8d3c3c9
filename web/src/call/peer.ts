/** One RTCPeerConnection between two sessions: one-way lines, sealed frames, one side offers [signalling.md R]. */
import type { Candidate, Relayed } from '@afar/visits/contract';
import { Despair } from './despair.ts';
import type { StreamName } from './frame-cipher.ts';
import type { TransformOptions } from './frame-messages.ts';
import type { RestartReason } from './media-lines.ts';
import { onNetworkChange } from './network-change.ts';
import { once } from './once.ts';
import { askForResilientAudio, linesOf, namedLines, oneWayOnly } from './sdp.ts';
import { RestartPace } from './restart-pace.ts';
import { kindOf, lineNames, type LineName, Sending, type SendLimits } from './sending.ts';

export type { SendLimits } from './sending.ts';

export interface PeerEvents {
  send: (message: Relayed) => void;
  track: (track: MediaStreamTrack, stream: LineName) => void;
  /** The connection carries media, or stopped to. */
  connected: (now: boolean) => void;
  /** Restarts did not help: only a new session will. */
  hopeless: () => void;
}

/** It is said after five seconds without an answer. */
const disconnectedFor = 1000; // [R4]
/** ICE takes up to 15 s to give up on a candidate; twice that without media is not coming back. */
const hopelessAfter = 30_000;

export class Peer {
  readonly #pc: RTCPeerConnection;
  readonly #worker: Worker;
  readonly #offers: boolean;
  readonly #events: PeerEvents;
  readonly #sending: Sending;
  /** Which stream comes by which line. */
  readonly #coming = new Map<RTCRtpTransceiver, LineName>();
  /** The same of an offer, by its lines' names. */
  #theirs: ReadonlyMap<string, LineName> = new Map();
  readonly #early: { negotiation: number; candidate: Candidate | null }[] = [];
  #negotiation = 0;
  readonly #pace = new RestartPace();
  #restarts = 0;
  #chain: Promise<void> = Promise.resolve();
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #despair: Despair;
  #closed = false;
  /** A connection that was closed need not answer what it was asked before [WebRTC 5.2, replaceTrack]. */
  readonly #over = once();
  readonly #deaf: () => void;

  constructor(
    offers: boolean,
    iceServers: RTCIceServer[],
    worker: Worker,
    limits: SendLimits,
    events: PeerEvents,
  ) {
    this.#offers = offers;
    this.#worker = worker;
    this.#sending = new Sending(limits);
    this.#events = events;
    this.#despair = new Despair(() => events.hopeless(), hopelessAfter);
    this.#pc = new RTCPeerConnection({ iceServers, bundlePolicy: 'max-bundle' });
    this.#pc.addEventListener('track', (event) => this.#arrived(event));
    this.#pc.addEventListener('icecandidate', ({ candidate }) =>
      this.#events.send({
        type: 'candidate',
        negotiation: this.#negotiation,
        candidate: candidate ? (candidate.toJSON() as Candidate) : null,
      }),
    );
    this.#pc.addEventListener('connectionstatechange', () => this.#changed());
    this.#deaf = onNetworkChange(() => this.restart('network-changed'));
    if (offers) this.#prepare();
  }

  /** For the next ICE restart: the connection as it is stays. */
  relays(iceServers: RTCIceServer[]): void {
    this.#pc.setConfiguration({ ...this.#pc.getConfiguration(), iceServers });
  }

  get restarts(): number {
    return this.#restarts;
  }

  stats(): Promise<RTCStatsReport> {
    return this.#pc.getStats();
  }

  receivers(): readonly RTCRtpReceiver[] {
    return this.#pc.getReceivers();
  }

  /** Puts a track on its line, or takes it off; no new negotiation is needed for either. */
  async publish(stream: StreamName, track: MediaStreamTrack | null): Promise<void> {
    try {
      await Promise.race([this.#sending.publish(stream, track), this.#over.promise]);
    } catch (error) {
      // Closed meanwhile: whatever comes in its place is told what is sent.
      if (!this.#closed) throw error;
    }
  }

  /** The keys are there: from now on tracks are sent. */
  unlock(): void {
    this.#sending.unlock();
  }

  limit(limits: SendLimits): Promise<void> {
    return this.#sending.limit(limits);
  }

  /** The offering end's first offer, or one that begins ICE anew. */
  offer(iceRestart: boolean): void {
    this.#inTurn(async () => {
      const offer = await this.#pc.createOffer({ iceRestart });
      this.#negotiation += 1; // before the description: its candidates carry this number
      await this.#pc.setLocalDescription(offer);
      this.#events.send({
        type: 'offer',
        negotiation: this.#negotiation,
        sdp: askForResilientAudio(this.#pc.localDescription!.sdp),
        iceRestart,
      });
    });
  }

  /** Begins ICE anew, or asks the offering end to. @returns false when it was done too short a time ago */
  restart(reason: RestartReason): boolean {
    if (!this.#pace.take(reason, Date.now())) return false;
    this.#restarts += 1;
    if (this.#offers) this.offer(true);
    else this.#events.send({ type: 'restart', reason });
    return true;
  }

  /** A description, candidate or wish of the other end. */
  receive(message: Extract<Relayed, { type: 'offer' | 'answer' | 'candidate' | 'restart' }>): void {
    if (message.type === 'restart') return void this.restart(message.reason);
    this.#inTurn(() => {
      if (message.type === 'offer') return this.#offered(message);
      if (message.type === 'answer') return this.#answered(message);
      return this.#candidate(message);
    });
  }

  close(): void {
    this.#closed = true;
    this.#over.done();
    clearTimeout(this.#timer);
    this.#despair.over();
    this.#deaf();
    this.#pc.close();
  }

  /** Descriptions are applied one after another; what fails ends in an attempt to begin anew. */
  #inTurn(step: () => Promise<void>): void {
    this.#chain = this.#chain
      .then(() => (this.#closed ? undefined : step()))
      .catch(() => {
        if (!this.#closed) this.#later(() => this.restart('no-media'), 500);
      });
  }

  #prepare(): void {
    for (const line of lineNames)
      this.#carry(line, this.#pc.addTransceiver(kindOf(line), { direction: 'sendonly' }));
    for (const line of lineNames) {
      const transceiver = this.#pc.addTransceiver(kindOf(line), { direction: 'recvonly' });
      this.#coming.set(transceiver, line);
      this.#preferVp8(transceiver, line);
      // Now, not in `ontrack`: on a receiver made before its offer it would come too late there, and
      // frames would reach the decoder as they are (seen in Chromium 156).
      transceiver.receiver.transform = this.#transform({ direction: 'receive', stream: line });
    }
  }

  #carry(line: LineName, transceiver: RTCRtpTransceiver): void {
    this.#preferVp8(transceiver, line);
    transceiver.sender.transform = this.#transform({ direction: 'send', stream: line });
    this.#sending.carry(line, transceiver.sender);
  }

  /** Only what the frame cipher knows the header of: VP8 and its repair streams. */
  #preferVp8(transceiver: RTCRtpTransceiver, line: LineName): void {
    const kind = kindOf(line);
    const wanted = kind === 'video' ? /\/(VP8|rtx)$/i : /\/opus$/i;
    const codecs = RTCRtpReceiver.getCapabilities(kind)?.codecs.filter((codec) =>
      wanted.test(codec.mimeType),
    );
    if (codecs?.length) transceiver.setCodecPreferences(codecs);
  }

  #transform(options: TransformOptions): RTCRtpScriptTransform {
    return new RTCRtpScriptTransform(this.#worker, options);
  }

  #arrived({ track, receiver, transceiver }: RTCTrackEvent): void {
    // On a two-way line a transform set here is silently ignored and frames would play unopened.
    if (transceiver.direction !== 'recvonly') {
      track.stop();
      return;
    }
    const line = this.#coming.get(transceiver) ?? this.#theirs.get(transceiver.mid ?? '');
    if (!line) return; // of a description that was refused
    if (!this.#offers) receiver.transform = this.#transform({ direction: 'receive', stream: line });
    this.#events.track(track, line);
  }

  async #offered({ negotiation, sdp }: Extract<Relayed, { type: 'offer' }>): Promise<void> {
    if (this.#offers || negotiation <= this.#negotiation) return;
    if (!oneWayOnly(sdp)) throw new Error('a two-way line was offered');
    this.#negotiation = negotiation;
    const { theirs, ours } = namedLines(linesOf(sdp));
    this.#theirs = theirs;
    await this.#pc.setRemoteDescription({ type: 'offer', sdp });
    for (const [mid, line] of ours) {
      const transceiver = this.#pc.getTransceivers().find((one) => one.mid === mid);
      if (!transceiver || this.#sending.has(line)) continue;
      transceiver.direction = 'sendonly';
      this.#carry(line, transceiver);
    }
    await this.#pc.setLocalDescription(await this.#pc.createAnswer());
    this.#events.send({
      type: 'answer',
      negotiation,
      sdp: askForResilientAudio(this.#pc.localDescription!.sdp),
    });
    await this.#sending.apply();
    await this.#drain();
  }

  async #answered({ negotiation, sdp }: Extract<Relayed, { type: 'answer' }>): Promise<void> {
    if (!this.#offers || negotiation !== this.#negotiation) return;
    if (this.#pc.signalingState !== 'have-local-offer') return;
    if (!oneWayOnly(sdp)) throw new Error('a two-way line was answered');
    await this.#pc.setRemoteDescription({ type: 'answer', sdp });
    await this.#sending.apply();
    await this.#drain();
  }

  async #candidate(message: Extract<Relayed, { type: 'candidate' }>): Promise<void> {
    if (message.negotiation < this.#negotiation) return;
    if (message.negotiation > this.#negotiation || !this.#pc.remoteDescription) {
      this.#early.push(message);
      return;
    }
    // A candidate that does not fit its description is no reason to stop: others may.
    await this.#pc.addIceCandidate(message.candidate ?? undefined).catch(() => undefined);
  }

  async #drain(): Promise<void> {
    for (const message of this.#early.splice(0))
      await this.#candidate({ type: 'candidate', ...message });
  }

  #changed(): void {
    const state = this.#pc.connectionState;
    clearTimeout(this.#timer);
    if (state === 'connected') {
      this.#despair.over();
      this.#events.connected(true);
    } else if (state === 'failed' || state === 'disconnected') {
      this.#events.connected(false);
      this.#despair.wait();
      this.#later(() => this.#mend(), state === 'failed' ? 0 : disconnectedFor);
    }
  }

  /** Tries again and again, at the pace the rules allow, until connected or hopeless. */
  #mend(): void {
    if (this.#pc.connectionState === 'connected') return;
    this.restart(this.#pc.connectionState === 'failed' ? 'ice-failed' : 'ice-disconnected');
    this.#later(() => this.#mend(), this.#pace.left(Date.now()) + 500);
  }

  #later(step: () => void, pause: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (!this.#closed) step();
    }, pause);
  }
}

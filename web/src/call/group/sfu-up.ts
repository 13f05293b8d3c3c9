/** The connection to the engine: voice, the camera in three sizes, the screen; all sealed before they leave. */
import type { Candidate, IceServer, SfuRequest, StreamKind } from '@afar/visits/contract';
import type { StreamName } from '../frame-cipher.ts';
import type { TransformOptions } from '../frame-messages.ts';
import type { SendLimits } from '../peer.ts';
import { once } from '../once.ts';
import { askForResilientAudio } from '../sdp.ts';

export interface UpEvents {
  send: (message: SfuRequest) => void;
  state: (state: RTCPeerConnectionState) => void;
}

export interface UpOptions {
  iceServers: IceServer[];
  worker: Worker;
  limits: SendLimits;
}

/** Heights of a camera's pictures in a group; whoever asks for a small one gets the last: 213 x 120 of a wide camera. */
const layers = [
  { rid: 'h', height: 360, share: 0.7 },
  { rid: 'm', height: 240, share: 0.2 },
  { rid: 'l', height: 120, share: 0.1 },
] as const;
/** Of a camera that is not open yet; its own height counts once it is. */
const usualHeight = 540;
/** A face of 640 x 360 needs no more, bit/s. */
const mostCamera = 900_000;
const leastLayer = 60_000;
const screenBitrate = 1_200_000;
/** Until lines that were refused are offered again, ms: longer after each refusal. */
const refusedPause = 1_000;
const mostPause = 10_000;
/** Longer than an engine thinks that answers at all, ms: an offer without an answer is said again. */
const unansweredAfter = 10_000;

/**
 * Takes away the header extension that tells everybody on the way how loud one speaks [RFC 6464]: who pauses when is no
 * server's business. Loudness is measured where it is heard.
 */
const withoutVoiceLevels = (sdp: string): string =>
  sdp.replaceAll(/^a=extmap:\S+ urn:ietf:params:rtp-hdrext:ssrc-audio-level.*\r?\n/gm, '');

export class SfuUp {
  readonly #pc: RTCPeerConnection;
  readonly #worker: Worker;
  readonly #events: UpEvents;
  readonly #senders = new Map<StreamName, RTCRtpTransceiver>();
  readonly #tracks = new Map<StreamName, MediaStreamTrack | null>();
  readonly #early: (Candidate | null)[] = [];
  #limits: SendLimits;
  #negotiation = 0;
  #answered = 0;
  #restartWanted = false;
  #again = false;
  #refusals = 0;
  #unlocked = false;
  #closed = false;
  /** A connection that was closed need not answer what it was asked before [WebRTC 5.2, replaceTrack]. */
  readonly #over = once();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unanswered: ReturnType<typeof setTimeout> | undefined;
  #chain: Promise<void> = Promise.resolve();

  constructor(options: UpOptions, events: UpEvents) {
    this.#worker = options.worker;
    this.#limits = options.limits;
    this.#events = events;
    this.#pc = new RTCPeerConnection({
      iceServers: options.iceServers,
      bundlePolicy: 'max-bundle',
    });
    this.#pc.addEventListener('icecandidate', ({ candidate }) =>
      events.send({
        type: 'sfu-candidate',
        link: 'up',
        candidate: candidate ? (candidate.toJSON() as Candidate) : null,
      }),
    );
    this.#pc.addEventListener('connectionstatechange', () => {
      if (!this.#closed) events.state(this.#pc.connectionState);
    });
    this.#line('audio');
    this.#line('video');
    this.negotiate();
  }

  get state(): RTCPeerConnectionState {
    return this.#pc.connectionState;
  }

  /** For the next ICE restart: the connection as it is stays. */
  relays(iceServers: IceServer[]): void {
    this.#pc.setConfiguration({ ...this.#pc.getConfiguration(), iceServers });
  }

  stats(): Promise<RTCStatsReport> {
    return this.#pc.getStats();
  }

  /** Puts a track on its line; a kind not sent before needs a new offer. */
  async publish(stream: StreamName, track: MediaStreamTrack | null): Promise<void> {
    this.#tracks.set(stream, track);
    if (!this.#senders.has(stream)) {
      if (!track) return;
      this.#line(stream);
      this.negotiate();
    }
    if (!this.#unlocked) return;
    try {
      const replaced = this.#senders.get(stream)?.sender.replaceTrack(track);
      await Promise.race([replaced, this.#over.promise]);
    } catch (error) {
      // Closed meanwhile: whatever comes in its place is told what is sent.
      if (!this.#closed) throw error;
    }
    if (stream === 'video' && track) await this.limit(this.#limits);
  }

  /** Keys are there: tracks go on their lines. */
  unlock(): void {
    this.#unlocked = true;
    for (const [stream, { sender }] of this.#senders)
      void sender.replaceTrack(this.#tracks.get(stream) ?? null);
    void this.limit(this.#limits);
  }

  async limit(limits: SendLimits): Promise<void> {
    this.#limits = limits;
    const sender = this.#senders.get('video')?.sender;
    const parameters = sender?.getParameters();
    if (!sender || !parameters?.encodings.length) return;
    const wanted = this.#encodings();
    parameters.encodings.forEach((encoding, at) => Object.assign(encoding, wanted[at]));
    await sender.setParameters(parameters).catch(() => undefined); // a wish, not a condition
  }

  /** Offers anew: with more lines, or (`restart`) with new ICE. One offer is on its way at a time. */
  negotiate(restart = false): void {
    this.#restartWanted ||= restart;
    if (this.#negotiation > this.#answered) {
      this.#again = true;
      return;
    }
    const iceRestart = this.#restartWanted;
    this.#restartWanted = false;
    this.#negotiation += 1;
    this.#inTurn(async () => {
      await this.#pc.setLocalDescription(await this.#pc.createOffer({ iceRestart }));
      this.#offer();
    });
  }

  /** The offer on its way may not have been heard: says it again. */
  repeat(): void {
    if (this.#negotiation > this.#answered && this.#pc.localDescription)
      this.#inTurn(() => Promise.resolve(this.#offer()));
  }

  answered(negotiation: number, sdp: string): void {
    this.#inTurn(async () => {
      if (negotiation !== this.#negotiation || this.#pc.signalingState !== 'have-local-offer')
        return;
      await this.#pc.setRemoteDescription({ type: 'answer', sdp: askForResilientAudio(sdp) });
      this.#answered = negotiation;
      this.#refusals = 0;
      for (const candidate of this.#early.splice(0)) await this.#add(candidate);
      await this.limit(this.#limits);
      this.#next();
    });
  }

  /** The engine would not have the offer: what is connected stays, and the next one may fare better. */
  refused(negotiation: number): void {
    this.#inTurn(async () => {
      if (negotiation !== this.#negotiation || this.#answered >= negotiation) return;
      if (this.#pc.signalingState === 'have-local-offer')
        await this.#pc.setLocalDescription({ type: 'rollback' });
      this.#answered = negotiation;
      this.#refusals += 1;
      this.#next();
      this.#offerLinesLater();
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
    this.#over.done();
    clearTimeout(this.#timer);
    clearTimeout(this.#unanswered);
    this.#pc.close();
  }

  /** Lines that were refused carry nothing though a track lies on them: they are offered again, later each time. */
  #offerLinesLater(): void {
    clearTimeout(this.#timer);
    const waits = [...this.#senders.values()].some(({ mid }) => mid === null);
    const pause = Math.min(refusedPause * this.#refusals, mostPause);
    if (waits) this.#timer = setTimeout(() => this.negotiate(), pause);
  }

  #next(): void {
    if (!this.#again && !this.#restartWanted) return;
    this.#again = false;
    this.negotiate();
  }

  #offer(): void {
    const streams = [...this.#senders]
      .filter(([, { mid }]) => mid !== null)
      .map(([kind, { mid }]) => ({ mid: mid!, kind: kind satisfies StreamKind }));
    const sdp = withoutVoiceLevels(this.#pc.localDescription!.sdp);
    this.#events.send({ type: 'sfu-publish', negotiation: this.#negotiation, sdp, streams });
    clearTimeout(this.#unanswered);
    this.#unanswered = setTimeout(() => this.repeat(), unansweredAfter);
  }

  // A candidate that does not fit its description is no reason to stop: others may.
  #add(candidate: Candidate | null): Promise<void> {
    return this.#pc.addIceCandidate(candidate ?? undefined).catch(() => undefined);
  }

  #encodings(): RTCRtpEncodingParameters[] {
    const whole = Math.min(this.#limits.video, mostCamera);
    const height = this.#tracks.get('video')?.getSettings().height ?? usualHeight;
    return layers.map(({ rid, height: wanted, share }) => ({
      rid,
      active: rid === 'l' || whole * share >= leastLayer,
      scaleResolutionDownBy: Math.max(1, this.#limits.scale, height / wanted),
      maxBitrate: Math.max(leastLayer, Math.round(whole * share)),
      maxFramerate: Math.min(this.#limits.fps, 24),
      priority: 'low',
      networkPriority: 'low',
    }));
  }

  #line(stream: StreamName): void {
    const kind = stream === 'audio' || stream === 'whisper' ? 'audio' : 'video';
    const sendEncodings: RTCRtpEncodingParameters[] =
      stream === 'video'
        ? this.#encodings()
        : kind === 'video'
          ? [{ maxBitrate: screenBitrate, maxFramerate: 10, priority: 'medium' }]
          : [{ priority: 'high', networkPriority: 'high' }];
    const transceiver = this.#pc.addTransceiver(kind, { direction: 'sendonly', sendEncodings });
    const wanted = kind === 'video' ? /\/(VP8|rtx)$/i : /\/opus$/i;
    const codecs = RTCRtpSender.getCapabilities(kind)?.codecs.filter((one) =>
      wanted.test(one.mimeType),
    );
    if (codecs?.length) transceiver.setCodecPreferences(codecs);
    transceiver.sender.transform = new RTCRtpScriptTransform(this.#worker, {
      direction: 'send',
      stream,
    } satisfies TransformOptions);
    this.#senders.set(stream, transceiver);
  }

  /** Descriptions are applied one after another; what fails leaves the connection as it is, and the next offer mends it. */
  #inTurn(step: () => Promise<void>): void {
    this.#chain = this.#chain
      .then(() => (this.#closed ? undefined : step()))
      .catch(() => {
        this.#answered = this.#negotiation;
        this.#next();
      });
  }
}

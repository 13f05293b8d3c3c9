/** One person's part in a call: her devices, what she sends, how it goes, and the link that carries it. */
import type { JoinTicket, MediaState, QualityRequest, QualitySample } from '@afar/visits/contract';
import { api } from '../kit/api.ts';
import { debugMark } from './debug.ts';
import { VisitLink, type LinkState } from './link.ts';
import { type MediaFault, MediaRefused, openCamera, openMicrophone } from './local-media.ts';
import type { SendLimits } from './peer.ts';
import { takeWarm } from './warm-up.ts';
import { type Fallback, nextFallback, noFallback, type Verdict, verdictOf } from './quality.ts';

export interface CallChoices {
  audioOnly: boolean;
  saver: boolean;
  cameraId?: string;
  microphoneId?: string;
}

export interface CallState {
  link: LinkState;
  camera: MediaStreamTrack | null;
  microphone: MediaStreamTrack | null;
  cameraOn: boolean;
  microphoneOn: boolean;
  /** Video was given up for the network; it comes back by itself. */
  fellBack: boolean;
  audioOnly: boolean;
  saver: boolean;
  cameraFault?: MediaFault;
  microphoneFault?: MediaFault;
  verdict: Verdict;
}

const everyLook = 2000;
/** Samples go to the server in small parcels: the visit's quality belongs to its record. */
const everyReport = 10_000;

const limitsOf = (saver: boolean): SendLimits =>
  saver ? { video: 220_000, scale: 1, fps: 15 } : { video: 1_200_000, scale: 1, fps: 30 };

export class CallSession {
  readonly #visit: string;
  readonly #link: VisitLink;
  readonly #listeners = new Set<() => void>();
  readonly #samples: QualitySample[] = [];
  #choices: CallChoices;
  #fallback: Fallback = noFallback;
  #state: CallState;
  #timers: ReturnType<typeof setInterval>[] = [];
  #ended = false;

  constructor(visit: string, choices: CallChoices) {
    this.#visit = visit;
    this.#choices = choices;
    this.#link = new VisitLink(
      visit,
      () => api.post<JoinTicket>(`/api/visits/${visit}/join`),
      limitsOf(choices.saver),
    );
    this.#state = {
      link: this.#link.state,
      camera: null,
      microphone: null,
      cameraOn: !choices.audioOnly,
      microphoneOn: true,
      fellBack: false,
      audioOnly: choices.audioOnly,
      saver: choices.saver,
      verdict: { level: 'good' },
    };
    this.#link.subscribe(() => {
      this.#set({ link: this.#link.state });
      if (this.#link.state.phase === 'over') this.#stop();
    });
  }

  get state(): CallState {
    return this.#state;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  start(): void {
    this.#tell();
    this.#link.connect();
    void this.#openMicrophone();
    if (this.#state.cameraOn) void this.#openCamera();
    this.#timers = [
      setInterval(() => void this.#look(), everyLook),
      setInterval(() => void this.#report(), everyReport),
    ];
  }

  /** Leaves the call; the visit goes on and one may come back. */
  leave(): void {
    void this.#report();
    this.#link.leave();
    this.#stop();
  }

  setMicrophone(on: boolean): void {
    if (this.#state.microphone) this.#state.microphone.enabled = on;
    else if (on) void this.#openMicrophone();
    this.#set({ microphoneOn: on });
    this.#tell();
  }

  /** Off means off: the camera's light goes out. */
  setCamera(on: boolean): void {
    this.#set({ cameraOn: on, ...(on ? { audioOnly: false, fellBack: false } : {}) });
    if (on) {
      this.#fallback = noFallback;
      void this.#openCamera();
    } else this.#closeCamera();
    this.#tell();
  }

  setAudioOnly(on: boolean): void {
    this.#set({ audioOnly: on });
    this.setCamera(!on);
  }

  async setSaver(on: boolean): Promise<void> {
    this.#choices = { ...this.#choices, saver: on };
    this.#set({ saver: on });
    await this.#link.limit(limitsOf(on));
    if (this.#state.cameraOn) await this.#openCamera();
  }

  async useDevice(kind: 'camera' | 'microphone', id: string): Promise<void> {
    if (kind === 'camera') {
      this.#choices = { ...this.#choices, cameraId: id };
      if (this.#state.cameraOn) await this.#openCamera();
    } else {
      this.#choices = { ...this.#choices, microphoneId: id };
      await this.#openMicrophone();
    }
  }

  get choices(): CallChoices {
    return this.#choices;
  }

  #set(change: Partial<CallState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }

  #tell(): void {
    const { cameraOn, microphoneOn, audioOnly, fellBack, camera } = this.#state;
    const media: MediaState = {
      camera: cameraOn && !fellBack && (camera !== null || this.#state.cameraFault === undefined),
      microphone: microphoneOn,
      screen: false,
      audioOnly: audioOnly || fellBack,
    };
    this.#link.say(media);
  }

  async #openCamera(): Promise<void> {
    const { cameraId, saver } = this.#choices;
    try {
      const warm = cameraId || saver ? undefined : takeWarm('camera');
      const track = await (warm ?? openCamera(cameraId, saver));
      if (this.#ended || !this.#state.cameraOn) return track.stop();
      debugMark('cameraMs');
      this.#state.camera?.stop();
      track.addEventListener('ended', () => this.#lost('camera', track));
      this.#set({ camera: track, cameraFault: undefined });
      await this.#link.publish('video', this.#state.fellBack ? null : track);
    } catch (error) {
      this.#set({
        cameraOn: false,
        cameraFault: error instanceof MediaRefused ? error.fault : 'failed',
      });
    }
    this.#tell();
  }

  #closeCamera(): void {
    void this.#link.publish('video', null);
    this.#state.camera?.stop();
    this.#set({ camera: null });
  }

  async #openMicrophone(): Promise<void> {
    try {
      const { microphoneId } = this.#choices;
      const warm = microphoneId ? undefined : takeWarm('microphone');
      const track = await (warm ?? openMicrophone(microphoneId));
      if (this.#ended) return track.stop();
      this.#state.microphone?.stop();
      track.enabled = this.#state.microphoneOn;
      track.addEventListener('ended', () => this.#lost('microphone', track));
      this.#set({ microphone: track, microphoneFault: undefined });
      await this.#link.publish('audio', track);
    } catch (error) {
      this.#set({ microphoneFault: error instanceof MediaRefused ? error.fault : 'failed' });
    }
  }

  /** A device was unplugged or its permission taken back in the middle of the call. */
  #lost(kind: 'camera' | 'microphone', track: MediaStreamTrack): void {
    if (this.#state[kind] !== track) return;
    if (kind === 'camera') {
      this.#closeCamera();
      this.#set({ cameraOn: false, cameraFault: 'missing' });
      this.#tell();
    } else this.#set({ microphone: null, microphoneFault: 'missing' });
  }

  async #look(): Promise<void> {
    const found = await this.#link.sample().catch(() => undefined);
    if (!found || this.#state.link.phase !== 'live') return;
    const { sample, room } = found;
    this.#samples.push({
      ...sample,
      audioOnly: this.#state.audioOnly || this.#state.fellBack,
      restarts: this.#state.link.restarts,
    });
    if (this.#samples.length > 60) this.#samples.shift();
    this.#set({ verdict: verdictOf(sample, room) });
    if (!this.#state.cameraOn) return;
    this.#fallback = nextFallback(this.#fallback, room, sample.lossOut ?? 0, Date.now());
    if (this.#fallback.audioOnly === this.#state.fellBack) return;
    this.#set({ fellBack: this.#fallback.audioOnly });
    await this.#link.publish('video', this.#state.fellBack ? null : this.#state.camera);
    this.#tell();
  }

  async #report(): Promise<void> {
    const samples = this.#samples.splice(0);
    if (samples.length === 0) return;
    const body: QualityRequest = { samples };
    // Lost samples change nothing for the people who talk: never disturb them with it.
    await api.post(`/api/visits/${this.#visit}/quality`, body).catch(() => undefined);
  }

  #stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#state.camera?.stop();
    this.#state.microphone?.stop();
    this.#set({ camera: null, microphone: null });
  }
}

/** One person's part in a call: what she sends and how it goes, over the link that carries it. */
import type { JoinTicket, MediaState } from '@afar/visits/contract';
import { api } from '../kit/api.ts';
import { beginAdaptation, planOf, type Wish } from './adaptation.ts';
import { debugMark } from './debug.ts';
import { LineWatch, type Looked } from './line-watch.ts';
import { VisitLink, type LinkState } from './link.ts';
import { asideTo } from './link-state.ts';
import type { MediaFault } from './local-media.ts';
import { type Device, OwnDevices, type Owned } from './own-devices.ts';
import { rememberDevice } from './remembered.ts';
import { Reporting } from './reporting.ts';
import { type Voice, VoiceLine } from './voice-line.ts';
import type { LineReport, Verdict } from './weak.ts';

export interface CallChoices {
  audioOnly: boolean;
  saver: boolean;
}

export interface CallState extends Voice {
  link: LinkState;
  camera: MediaStreamTrack | null;
  microphone: MediaStreamTrack | null;
  /** The screen being shared. */
  screen: MediaStreamTrack | null;
  cameraOn: boolean;
  /** Video was given up for the network; it comes back by itself. */
  fellBack: boolean;
  /** She wants pictures however weak the line is. */
  insists: boolean;
  audioOnly: boolean;
  saver: boolean;
  cameraFault?: MediaFault;
  microphoneFault?: MediaFault;
  screenFault?: MediaFault;
  verdict: Verdict;
  /** What the other end said of the line last. */
  theirs?: LineReport;
}

export class CallSession {
  readonly reporting: Reporting;
  readonly #link: VisitLink;
  readonly #voice: VoiceLine;
  readonly #devices: OwnDevices;
  readonly #watch: LineWatch;
  readonly #listeners = new Set<() => void>();
  #state: CallState;
  #planned = '';
  #ended = false;

  /** `join`: where a ticket is had; of patient and clinician by default. */
  constructor(visit: string, choices: CallChoices, join = `/api/visits/${visit}/join`) {
    this.reporting = new Reporting(visit);
    const first = planOf(beginAdaptation(0), { wish: 'auto', saver: choices.saver, screen: false });
    this.#link = new VisitLink(visit, () => api.post<JoinTicket>(join), first.limits);
    this.#voice = new VoiceLine({
      publish: (line, track) => this.#link.publish(line, track),
      switched: (voice) => {
        this.#set(voice);
        this.#tell();
      },
    });
    this.#devices = new OwnDevices((owned) => this.#owned(owned));
    this.#watch = new LineWatch(
      this.#link,
      () => this.#wish,
      (looked) => this.#looked(looked),
    );
    this.#state = {
      link: this.#link.state,
      camera: null,
      microphone: null,
      screen: null,
      cameraOn: !choices.audioOnly,
      ...this.#voice.now,
      fellBack: false,
      insists: false,
      audioOnly: choices.audioOnly,
      saver: choices.saver,
      verdict: { level: 'good' },
    };
    this.#link.subscribe(() => {
      this.#set({ link: this.#link.state });
      if (this.#link.state.phase === 'over') this.#stop();
      else if (this.#state.aside === 'on' && asideTo(this.#link.state).length === 0)
        this.#voice.lose();
    });
  }

  get state(): CallState {
    return this.#state;
  }

  /** What carries the call: for panels that speak to the other browsers. */
  get link(): VisitLink {
    return this.#link;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  start(): void {
    this.#tell();
    this.#link.connect();
    void this.#devices.open('microphone');
    if (this.#state.cameraOn) void this.#openCamera();
    this.#watch.start();
  }

  /** Leaves the call; the visit goes on and one may come back. */
  leave(): void {
    void this.reporting.send();
    this.#link.leave();
    this.#stop();
  }

  setMicrophone(on: boolean): void {
    this.#voice.switch(on);
    this.#microphone();
  }

  /** Speaks to those alone whom her seat names, or to everybody as before. */
  setAside(on: boolean): void {
    if (on && asideTo(this.#link.state).length === 0) return;
    this.#voice.aside(on);
    this.#microphone();
  }

  /** On without one: it is asked for. */
  #microphone(): void {
    const { microphone, microphoneOn } = this.#state;
    if (microphoneOn && !microphone) void this.#devices.open('microphone');
  }

  /** Off means off: the camera's light goes out. */
  setCamera(on: boolean): void {
    this.#set({ cameraOn: on, insists: false, ...(on && { audioOnly: false }) });
    this.#watch.reset();
    if (on) void this.#openCamera();
    else this.#devices.close('camera');
    this.#plan();
  }

  setAudioOnly(on: boolean): void {
    this.#set({ audioOnly: on });
    this.setCamera(!on);
  }

  /** Pictures though the line is too weak for them, or as the line allows again. */
  insist(on: boolean): void {
    this.#set({ insists: on });
    this.#watch.reset();
    this.#plan();
  }

  setSaver(on: boolean): void {
    this.#set({ saver: on });
    this.#plan();
  }

  /** Shares a screen of her choice, or stops to. */
  async setScreen(on: boolean): Promise<void> {
    if (on) await this.#devices.share();
    else this.#devices.unshare();
  }

  async useDevice(kind: Device, id: string): Promise<void> {
    rememberDevice(kind, id);
    if (kind === 'microphone' || this.#state.cameraOn) await this.#devices.open(kind, id);
  }

  get #wish(): Wish {
    if (!this.#state.cameraOn) return 'never';
    return this.#state.insists ? 'always' : 'auto';
  }

  #set(change: Partial<CallState>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }

  #tell(): void {
    const { cameraOn, microphoneOn, aside, audioOnly, fellBack, camera, cameraFault } = this.#state;
    const media: MediaState = {
      camera: cameraOn && !fellBack && (camera !== null || cameraFault === undefined),
      microphone: microphoneOn && aside !== 'on' && this.#state.microphoneFault === undefined,
      screen: this.#state.screen !== null,
      audioOnly: audioOnly || fellBack,
    };
    this.#link.say(media);
  }

  async #openCamera(): Promise<void> {
    await this.#devices.open('camera');
    if (this.#state.camera) debugMark('cameraMs');
    // Switched off again while it opened.
    if (!this.#state.cameraOn) this.#devices.close('camera');
  }

  /** A device came or went: its track goes on its line or off it. */
  #owned(owned: Owned): void {
    const before = this.#state;
    const {
      cameraFault: _camera,
      microphoneFault: _microphone,
      screenFault: _screen,
      ...rest
    } = before;
    this.#state = { ...rest, ...owned };
    if (owned.cameraFault && !owned.camera) this.#state.cameraOn = false;
    this.#voice.use(owned.microphone);
    if (owned.screen !== before.screen) void this.#link.publish('screen', owned.screen);
    this.#planned = ''; // the camera's line is set anew
    this.#set({});
    if (!this.#ended) this.#plan();
  }

  #looked({ sample, adaptation, verdict, theirs }: Looked): void {
    this.reporting.add({
      ...sample,
      audioOnly: this.#state.audioOnly || adaptation.fellBack,
      restarts: this.#state.link.restarts,
    });
    const { theirs: _before, ...rest } = this.#state;
    this.#state = rest;
    this.#set({ verdict, ...(theirs && { theirs }) });
    this.#plan();
  }

  /** Puts what was decided on the line: limits, the camera's track, and the word to the other end. */
  #plan(): void {
    const { adaptation } = this.#watch;
    const { camera, saver, screen, cameraOn } = this.#state;
    const wish = this.#wish;
    const plan = planOf(adaptation, { wish, saver, screen: screen !== null });
    const fellBack = cameraOn && adaptation.fellBack;
    if (fellBack !== this.#state.fellBack) this.#set({ fellBack });
    const now = JSON.stringify([plan, camera?.id]);
    if (now === this.#planned) return;
    this.#planned = now;
    void this.#link.limit(plan.limits);
    void this.#link.publish('video', plan.camera ? camera : null);
    this.#tell();
  }

  #stop(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#watch.stop();
    this.#devices.end();
  }
}

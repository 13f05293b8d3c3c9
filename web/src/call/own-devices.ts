/** One's own camera, microphone and screen in a call: opened, changed, lost, closed; off means that the light goes out. */
import {
  type MediaFault,
  MediaRefused,
  openCamera,
  openMicrophone,
  openScreen,
} from './local-media.ts';
import { rememberDevice, rememberedDevice } from './remembered.ts';
import { takeWarm } from './warm-up.ts';

export type Device = 'camera' | 'microphone';

export interface Owned {
  camera: MediaStreamTrack | null;
  microphone: MediaStreamTrack | null;
  screen: MediaStreamTrack | null;
  cameraFault?: MediaFault;
  microphoneFault?: MediaFault;
  /** Refused by the system, or not possible here; a dialog closed without a choice is no fault. */
  screenFault?: MediaFault;
}

const openers = { camera: openCamera, microphone: openMicrophone } as const;
const faultIn = (error: unknown): MediaFault =>
  error instanceof MediaRefused ? error.fault : 'failed';

export class OwnDevices {
  readonly #changed: (devices: Owned) => void;
  #owned: Owned = { camera: null, microphone: null, screen: null };
  readonly #asked: Record<Device, number> = { camera: 0, microphone: 0 };
  #closed = false;

  /** @param changed hears every change; a track in it is open until it is replaced */
  constructor(changed: (devices: Owned) => void) {
    this.#changed = changed;
  }

  get now(): Owned {
    return this.#owned;
  }

  /** Opens the device, or another one of its kind in its place. The outcome is told, never thrown. */
  async open(kind: Device, id?: string): Promise<void> {
    if (id) rememberDevice(kind, id);
    const turn = ++this.#asked[kind];
    const wanted = id ?? rememberedDevice(kind);
    try {
      const track = await ((id ? undefined : takeWarm(kind)) ?? openers[kind](wanted));
      // Closed, or asked for anew, in the meantime: nobody wants this one.
      if (this.#closed || turn !== this.#asked[kind]) return track.stop();
      this.#owned[kind]?.stop();
      track.addEventListener('ended', () => this.#lost(kind, track));
      this.#set({ [kind]: track, [`${kind}Fault`]: undefined });
    } catch (error) {
      if (turn === this.#asked[kind]) this.#set({ [`${kind}Fault`]: faultIn(error) });
    }
  }

  close(kind: Device): void {
    this.#asked[kind] += 1;
    this.#owned[kind]?.stop();
    if (this.#owned[kind]) this.#set({ [kind]: null });
  }

  /** Asks which screen or window to show; on a click only. */
  async share(): Promise<void> {
    try {
      const track = await openScreen();
      if (this.#closed) return track.stop();
      this.#owned.screen?.stop();
      // The browser's own bar ends it too.
      track.addEventListener('ended', () => {
        if (this.#owned.screen === track) this.#set({ screen: null });
      });
      this.#set({ screen: track, screenFault: undefined });
    } catch (error) {
      const fault = faultIn(error);
      this.#set({ screenFault: fault === 'denied' || fault === 'dismissed' ? undefined : fault });
    }
  }

  unshare(): void {
    this.#owned.screen?.stop();
    this.#set({ screen: null });
  }

  /** For good: every track ends. */
  end(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const track of [this.#owned.camera, this.#owned.microphone, this.#owned.screen])
      track?.stop();
    this.#set({ camera: null, microphone: null, screen: null });
  }

  #set(change: { [name in keyof Owned]?: Owned[name] | undefined }): void {
    const next = { ...this.#owned, ...change };
    for (const name of ['cameraFault', 'microphoneFault', 'screenFault'] as const)
      if (next[name] === undefined) delete next[name];
    this.#owned = next as Owned;
    this.#changed(this.#owned);
  }

  /** Unplugged, or its permission taken back, in the middle of the call. */
  #lost(kind: Device, track: MediaStreamTrack): void {
    if (this.#owned[kind] !== track) return;
    this.#set({ [kind]: null, [`${kind}Fault`]: 'missing' });
  }
}

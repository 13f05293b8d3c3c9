/** What one connection sends: which line carries which stream, when tracks go on it, and within which limits. */
import type { StreamName } from './frame-cipher.ts';

/** The lines between two browsers, in the order they are offered. */
export const lineNames = ['audio', 'video', 'screen'] as const satisfies StreamName[];
export type LineName = (typeof lineNames)[number];

/** What the camera (and, while one is shared, the screen) may take. */
export interface SendLimits {
  /** bit/s of the camera. */
  video: number;
  /** The picture is sent this many times smaller in width and height. */
  scale: number;
  fps: number;
  screen?: { video: number; fps: number };
}

/** A screen alone, on a line that is wide enough. */
const wholeScreen = { video: 1_500_000, fps: 15 };

/** The kind of track a line carries. */
export const kindOf = (line: LineName): 'audio' | 'video' => (line === 'audio' ? 'audio' : 'video');

/** Voice before screen before camera: who is starved first when congestion control has to choose. */
const priorities: Record<LineName, RTCPriorityType> = {
  audio: 'high',
  screen: 'medium',
  video: 'low',
};

const isLine = (stream: StreamName): stream is LineName =>
  (lineNames as readonly StreamName[]).includes(stream);

export class Sending {
  readonly #senders: Partial<Record<LineName, RTCRtpSender>> = {};
  readonly #tracks: Partial<Record<LineName, MediaStreamTrack | null>> = {};
  #limits: SendLimits;
  #unlocked = false;
  #chain: Promise<void> = Promise.resolve();

  constructor(limits: SendLimits) {
    this.#limits = limits;
  }

  has(line: LineName): boolean {
    return this.#senders[line] !== undefined;
  }

  carry(line: LineName, sender: RTCRtpSender): void {
    this.#senders[line] = sender;
    if (this.#unlocked) void sender.replaceTrack(this.#tracks[line] ?? null);
  }

  /** Puts a track on its line, or takes it off; no new negotiation is needed for either. */
  async publish(stream: StreamName, track: MediaStreamTrack | null): Promise<void> {
    if (!isLine(stream)) return; // whispers need an engine between
    this.#tracks[stream] = track;
    if (this.#unlocked) await this.#senders[stream]?.replaceTrack(track);
  }

  /**
   * The keys are there: tracks go on their lines only now, so that the first picture sent is a whole
   * one and nothing is encoded that could not be sealed [signalling.md K8].
   */
  unlock(): void {
    this.#unlocked = true;
    for (const line of lineNames)
      void this.#senders[line]?.replaceTrack(this.#tracks[line] ?? null);
  }

  limit(limits: SendLimits): Promise<void> {
    this.#limits = limits;
    return this.apply();
  }

  /** One change after another: a sender refuses parameters that were read before the last change. */
  apply(): Promise<void> {
    this.#chain = this.#chain.then(async () => {
      for (const line of lineNames) {
        const sender = this.#senders[line];
        if (sender) await this.#set(line, sender);
      }
    });
    return this.#chain;
  }

  async #set(line: LineName, sender: RTCRtpSender): Promise<void> {
    const parameters = sender.getParameters();
    const [encoding] = parameters.encodings;
    if (!encoding) return;
    encoding.priority = priorities[line];
    encoding.networkPriority = priorities[line];
    if (line === 'video') {
      encoding.maxBitrate = this.#limits.video;
      encoding.scaleResolutionDownBy = this.#limits.scale;
      encoding.maxFramerate = this.#limits.fps;
    } else if (line === 'screen') {
      const { video, fps } = this.#limits.screen ?? wholeScreen;
      encoding.maxBitrate = video;
      encoding.maxFramerate = fps;
    }
    await sender.setParameters(parameters).catch(() => undefined); // a wish, not a condition
  }
}

/** Looks at the lines one after another: what happened between two of them, and when nothing comes any more. Pure. */
import type { QualitySample } from '@afar/visits/contract';
import { sampleOf, type Totals } from './quality.ts';

/** Nothing at all for this long, ms, where checks of the path alone come every 2.5 s (libwebrtc): it is gone [signalling.md R4]. */
const silentAfter = 3_000;
/** Fewer looks than this tell of a page that stood still, not of a line. */
const silentLooks = 3;
/** Looks as far apart as this: the page, or the whole device, slept. What it missed is no silence. */
const sleptMs = 2_500;
/** A line that falls silent again and again is left longer each time, up to this long; and anew after so long without. */
const mostPatience = 24_000;
const calmMs = 60_000;

export interface Look {
  sample: QualitySample;
  /** bit/s the network would take from us, as congestion control sees it. */
  room: number | undefined;
  /** No media came since the look before. */
  mute: boolean;
  /** The path is gone, whatever ICE still hopes for; until something comes, or something was done about it. */
  silent: boolean;
}

export class LineSamples {
  #last: Totals | undefined;
  #since = 0;
  #looks = 0;
  #acted: { at: number; now: boolean } | undefined;
  #patience = silentAfter;

  /** Another connection: what was counted before says nothing about it. */
  reset(): void {
    this.#last = undefined;
  }

  /** The difference to the look before; undefined when there is none to compare with. */
  look(now: Totals): Look | undefined {
    const before = this.#last;
    this.#last = now;
    if (!before || before.framesDecoded > now.framesDecoded) {
      this.#hears(now);
      return undefined;
    }
    const slept = now.at - before.at > sleptMs;
    if (now.heard !== before.heard || now.heard === 0 || slept) this.#hears(now);
    else this.#looks += 1;
    return {
      sample: sampleOf(before, now),
      room: now.room,
      mute: now.bytesIn === before.bytesIn,
      silent:
        !this.#acted?.now && this.#looks >= silentLooks && now.at - this.#since >= this.#patience,
    };
  }

  /** Another path is being sought: this silence is not told again, and the next one later. */
  acted(): void {
    this.#acted = { at: this.#last?.at ?? 0, now: true };
    this.#patience = Math.min(this.#patience * 2, mostPatience);
  }

  #hears({ at }: Totals): void {
    this.#since = at;
    this.#looks = 0;
    if (this.#acted) this.#acted.now = false;
    if (this.#acted && at - this.#acted.at > calmMs) this.#patience = silentAfter;
  }
}

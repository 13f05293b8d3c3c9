/** Looks at the lines one after another: what happened between two of them, and when nothing comes any more. Pure. */
import type { QualitySample } from '@afar/visits/contract';
import { sampleOf, type Totals } from './quality.ts';

/** Nothing at all for this long, ms, when checks of the path alone come every 2.5 s: it is gone [signalling.md R4]. */
const silentAfter = 3_000;
/** Fewer looks than this tell of a page that stood still, not of a line. */
const silentLooks = 3;

export interface Look {
  sample: QualitySample;
  /** bit/s the network would take from us, as congestion control sees it. */
  room: number | undefined;
  /** No media came since the look before. */
  mute: boolean;
  /** Said once of each silence: the path is gone, whatever ICE still hopes for. */
  silent: boolean;
}

export class LineSamples {
  #last: Totals | undefined;
  #since = 0;
  #looks = 0;

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
    if (now.heard !== before.heard || now.heard === 0) this.#hears(now);
    else this.#looks += 1;
    const silent = this.#looks >= silentLooks && now.at - this.#since >= silentAfter;
    // Not again until something has come.
    if (silent) this.#looks = Number.NEGATIVE_INFINITY;
    return {
      sample: sampleOf(before, now),
      room: now.room,
      mute: now.bytesIn === before.bytesIn,
      silent,
    };
  }

  #hears(now: Totals): void {
    this.#since = now.at;
    this.#looks = 0;
  }
}

/** How often ICE may begin anew: at most once in four seconds, but for a network that came after one began without any [signalling.md R4]. Pure. */
import type { RestartReason } from './media-lines.ts';

const pauseMs = 4_000;

export class RestartPace {
  #at = Number.NEGATIVE_INFINITY;
  #reason: RestartReason | undefined;

  /** Whether it may begin now; then it counts as begun. */
  take(reason: RestartReason, now: number): boolean {
    const onNoNetwork = reason === 'network-changed' && this.#reason === 'no-media';
    if (now - this.#at < pauseMs && !onNoNetwork) return false;
    this.#at = now;
    this.#reason = reason;
    return true;
  }

  /** Until the next one may begin, ms. */
  left(now: number): number {
    return Math.max(0, pauseMs - (now - this.#at));
  }
}

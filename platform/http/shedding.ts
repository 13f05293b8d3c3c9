/**
 * Load shedding: how many requests a process works on at once, found by watching how long they take. What comes beyond is turned away
 * in microseconds, so that what was let in is answered nearly as fast as on a quiet day.
 *
 * The limit follows the gradient of service times, as TCP Vegas follows round trips [Brakmo, Peterson: TCP Vegas, 1995]: when requests
 * take longer than uncongested ones by more than `tolerance`, they wait for one another, and fewer are let in. A burst that is gone
 * within `burstMs` is no overload: only a standing queue is [Nichols, Jacobson: Controlling Queue Delay, 2012].
 */

export interface SheddingOptions {
  /** At once, at the least and at the most; the limit moves between them. */
  fewest?: number;
  most?: number;
  /** How much longer than uncongested a request may take before the limit falls. */
  tolerance?: number;
  /** ms, monotonic */
  now?: () => number;
}

export interface Shedding {
  /** False: turn it away. True: it counts until `leave`. The `vital` have a share that others never use. */
  enter(vital: boolean): boolean;
  /** Stops counting: it waits for its sender (a body on its way), not for us. */
  pause(): void;
  /** Counts again, whatever the limit: half a request is never thrown away. */
  resume(): void;
  /** @param ms spent on it, without pauses; undefined: that tells nothing (it was cut off, or goes on as a stream) */
  leave(ms: number | undefined): void;
  readonly limit: number;
  readonly inService: number;
  /** Turned away since the start. */
  readonly shed: number;
}

/** The limit is looked at again after so many answers, or so long. */
const windowAnswers = 40;
const windowMs = 250;
/** Of the limit: what the vital have beyond it. */
const vitalShare = 1.25;
/** Room to grow, when nothing waits. */
const headroom = 4;
/** How far one look moves the limit. */
const smoothing = 0.3;
/** How far one uncongested window moves what counts as normal. */
const memory = 0.05;
/** In service at once in a burst. */
const burst = 128;
/** ms; what stands longer is a queue, when so many have come in the meantime: */
const burstMs = 200;
/** one person's page is some forty requests, which a busy machine may well take a second for. */
const crowd = 100;
/** ms; what stands this long is a queue, however few come. */
const longMs = 2_000;
/** ms without turning anybody away, after which bursts are let in again. */
const calmMs = 1_000;

export function createShedding({
  fewest = 8,
  most = 256,
  tolerance = 1.6,
  now = () => performance.now(),
}: SheddingOptions = {}): Shedding {
  let limit = Math.min(most, 2 * fewest);
  let inService = 0;
  let shed = 0;
  /** ms; what a request takes when nobody waits; 0: not known yet. */
  let normal = 0;
  let window = { since: now(), answers: 0, sum: 0, peak: 0 };
  /** Since when more than the limit are in service; undefined: they are not. */
  let overSince: number | undefined;
  /** How many came since then. */
  let cameSince = 0;
  /** Until then the limit holds for everybody. */
  let strictUntil = 0;

  function look(at: number): void {
    const { answers, sum, peak } = window;
    window = { since: at, answers: 0, sum: 0, peak: inService };
    const mean = sum / answers;
    if (normal === 0 || mean < normal) normal = mean;
    // Far from the limit nobody waits for others: what requests take now is what they take.
    if (peak < limit / 2) {
      normal += (mean - normal) * memory;
      return;
    }
    const gradient = Math.max(0.5, Math.min(1, (tolerance * normal) / mean));
    const wanted = (limit + headroom) * gradient;
    limit = Math.max(fewest, Math.min(most, limit + (wanted - limit) * smoothing));
    // At its least, and slow all the same: the work itself has become heavier, and that is normal now.
    if (limit === fewest) normal += (mean - normal) * memory;
  }

  function count(): void {
    inService++;
    if (inService > window.peak) window.peak = inService;
    if (inService > limit && overSince === undefined) {
      overSince = now();
      cameSince = 0;
    }
  }

  function uncount(): void {
    inService--;
    if (inService <= limit) overSince = undefined;
  }

  /** Whether more than the limit have been in service for too long to be a burst. */
  function queues(at: number): boolean {
    if (overSince === undefined) return false;
    const stood = at - overSince;
    return stood > longMs || (stood > burstMs && cameSince >= crowd);
  }

  return {
    enter(vital) {
      cameSince++;
      const own = vital ? limit * vitalShare : limit;
      if (inService >= own) {
        const at = now();
        if (at < strictUntil || queues(at) || inService >= Math.max(own, Math.min(burst, most))) {
          strictUntil = at + calmMs;
          shed++;
          return false;
        }
      }
      count();
      return true;
    },
    pause: uncount,
    resume: count,
    leave(ms) {
      uncount();
      if (ms === undefined) return;
      window.answers++;
      window.sum += ms;
      const at = now();
      if (window.answers >= windowAnswers || at - window.since >= windowMs) look(at);
    },
    get limit() {
      return limit;
    },
    get inService() {
      return inService;
    },
    get shed() {
      return shed;
    },
  };
}

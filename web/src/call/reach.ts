/** How well this end reaches the clinic, by small questions to its server: the half of the line that is one's own. */

export interface Reach {
  /** Median answer beyond the shortest one ever, ms. */
  strain: number;
  /** Share of answers that took as long as a repeated packet takes, or never came, 0..1. */
  late: number;
  /** Answers this rests on, at most a dozen. */
  asked: number;
}

/** While the line is weak; an easy line is asked once a minute, so that its shortest answer is known. */
const everyWeak = 2_500;
const everyWell = 60_000;
/** Half a minute of a weak line. */
const kept = 12;
/** TCP repeats a lost packet after 200 ms at the earliest [RFC 6298 2.4, as Linux has it]. */
const repeated = 190;
const patience = 5_000;

/** What the answers say, each in ms. Pure. */
export function reachOf(answers: readonly number[], shortest: number): Reach | undefined {
  if (answers.length === 0) return undefined;
  const sorted = [...answers].sort((one, other) => one - other);
  const median = sorted[Math.floor(sorted.length / 2)]!;
  const late = answers.filter((one) => one - shortest >= repeated).length;
  return {
    strain: Math.round(Math.max(0, median - shortest)),
    late: late / answers.length,
    asked: answers.length,
  };
}

export class ReachMeter {
  readonly #answers: number[] = [];
  #shortest = Number.POSITIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #weak = false;
  #on = false;

  get reach(): Reach | undefined {
    return reachOf(this.#answers, this.#shortest);
  }

  start(): void {
    this.#on = true;
    this.#later(1_000);
  }

  stop(): void {
    this.#on = false;
    clearTimeout(this.#timer);
  }

  /** Asks often while either end calls the line weak. */
  set weak(now: boolean) {
    if (now === this.#weak) return;
    this.#weak = now;
    // What was asked long ago says nothing about now.
    if (now) this.#answers.length = 0;
    if (this.#on && now) this.#later(0);
  }

  #later(pause: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#ask(), pause);
  }

  async #ask(): Promise<void> {
    const from = performance.now();
    try {
      // A query of its own goes past the service worker's kept files; nothing in it is personal.
      await fetch(`/icons/mark.svg?reach=${from.toFixed(0)}`, {
        method: 'HEAD',
        cache: 'no-store',
        signal: AbortSignal.timeout(patience),
      });
      this.#heard(performance.now() - from);
    } catch {
      this.#heard(patience);
    }
    if (this.#on) this.#later(this.#weak ? everyWeak : everyWell);
  }

  #heard(answer: number): void {
    this.#shortest = Math.min(this.#shortest, answer);
    this.#answers.push(answer);
    if (this.#answers.length > kept) this.#answers.shift();
  }
}

/** What is said again after a cut goes out no faster than a server lets one socket speak [signalling.md S5]. In order; pure but for its timer. */

/** Half of what the server allows, so that everything else that is said fits beside it. */
const atOnce = 60;
const everyMs = 50;

export class Pace<T> {
  readonly #write: (one: T) => void;
  readonly #now: () => number;
  #waiting: T[] = [];
  #left = atOnce;
  #at: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(write: (one: T) => void, now: () => number = () => performance.now()) {
    this.#write = write;
    this.#now = now;
    this.#at = now();
  }

  /** Written now, or behind what waits. */
  push(one: T): void {
    this.#waiting.push(one);
    this.#go();
  }

  /** The socket is gone: whoever keeps what was not heard says it on the next one. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = [];
    this.#left = atOnce;
    this.#at = this.#now();
  }

  #go(): void {
    const earned = Math.floor((this.#now() - this.#at) / everyMs);
    if (earned > 0) {
      this.#left = Math.min(atOnce, this.#left + earned);
      this.#at += earned * everyMs;
    }
    while (this.#left > 0 && this.#waiting.length > 0) {
      this.#left -= 1;
      this.#write(this.#waiting.shift()!);
    }
    if (this.#waiting.length > 0)
      this.#timer ??= setTimeout(() => {
        this.#timer = undefined;
        this.#go();
      }, everyMs);
  }
}

/** Tells that what should have come has not, and tells it again for as long as it does not: whoever heard it first may have had nothing to do about it. */
export class Despair {
  readonly #tell: () => void;
  readonly #every: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param every ms */
  constructor(tell: () => void, every: number) {
    this.#tell = tell;
    this.#every = every;
  }

  /** Begins to wait, unless it does. */
  wait(first = this.#every): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.wait();
      this.#tell();
    }, first);
  }

  /** It came, or nobody waits for it any more. */
  over(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

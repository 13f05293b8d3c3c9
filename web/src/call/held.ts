/** What came before the roster or the epoch that explains it: kept until then, never without bound. Pure. */

/** A room of eight says fewer than this in one change of its roster. */
const mostHeld = 300;

export class Held<T> {
  #messages: T[] = [];

  /** Kept; the oldest goes when there are too many. */
  push(message: T): void {
    this.#messages.push(message);
    if (this.#messages.length > mostHeld) this.#messages.shift();
  }

  /** All of them, in order; what still cannot be explained is pushed again. */
  take(): T[] {
    return this.#messages.splice(0);
  }
}

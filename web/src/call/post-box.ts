/** What was said to other members and what was heard of them, numbered, so that a cut line loses and repeats nothing [signalling.md L5]. Pure. */
import type { ClientMessage } from '@afar/visits/contract';

type Numbered = Extract<ClientMessage, { to: string }>;

/** More unheard messages than this mean that nobody counts them: the oldest are given up. */
const mostKept = 400;

export class PostBox {
  #seq = 0;
  #kept: (Numbered & { seq: number })[] = [];
  #after = 0;

  /** A new session: nothing of the former one is said again. */
  reset(): void {
    this.#seq = 0;
    this.#kept = [];
    this.#after = 0;
  }

  /** Numbers a message to another member and keeps it until it was heard. */
  stamp(message: Numbered): Numbered {
    const stamped = { ...message, seq: ++this.#seq };
    this.#kept.push(stamped);
    if (this.#kept.length > mostKept) this.#kept.shift();
    return stamped;
  }

  /** The server has taken in everything up to this number. */
  heard(seq: number): void {
    this.#kept = this.#kept.filter((message) => message.seq > seq);
  }

  /** What must be said again after a cut. */
  get unheard(): readonly Numbered[] {
    return this.#kept;
  }

  /** The highest number that came. */
  get after(): number {
    return this.#after;
  }

  /** Back in the seat: what comes next has the number after this one. */
  tell(n: number): void {
    this.#after = n;
  }

  /** Whether a message of this number is new; 0 is not numbered. */
  fresh(n: number): boolean {
    if (n === 0) return true;
    if (n <= this.#after) return false;
    this.#after = n;
    return true;
  }
}

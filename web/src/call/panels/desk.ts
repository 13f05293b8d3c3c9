/** A state that listens outside of React and is shown inside of it: what each panel of the call keeps while it is closed. */

export abstract class Desk<State> {
  readonly #listeners = new Set<() => void>();
  #state: State;

  constructor(first: State) {
    this.#state = first;
  }

  get state(): State {
    return this.#state;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Begins to listen; the returned function ends it. */
  abstract start(): () => void;

  protected set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }
}

export type SeatKind = 'patient' | 'clinician' | 'guest';

/** Under which address this seat's chat and consents are. */
export const baseOf = (role: SeatKind, visitId: string): string =>
  role === 'guest' ? '/api/visit-guest' : `/api/visits/${visitId}`;

const writes = new TextEncoder();
const reads = new TextDecoder();

/** What browsers say to each other in panels: small objects, sealed by the link. */
export const packed = (value: unknown): Uint8Array<ArrayBuffer> =>
  writes.encode(JSON.stringify(value));

/** What another browser said; undefined when it is no object. Its members are still anybody's guess. */
export function unpacked(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(reads.decode(bytes));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

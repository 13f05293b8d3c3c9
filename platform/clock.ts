/** The clock port: every instant the program acts on comes from here, so that a test may stand at any time. */

/** Milliseconds since the Unix epoch, UTC. */
export interface Clock {
  now(): number;
}

export const systemClock: Clock = { now: () => Date.now() };

export interface FixedClock extends Clock {
  set(ms: number): void;
  advance(ms: number): void;
}

/** A clock that moves only when told to. */
export function fixedClock(ms: number): FixedClock {
  let at = ms;
  return {
    now: () => at,
    set: (next) => {
      at = next;
    },
    advance: (by) => {
      at += by;
    },
  };
}

/** The instant a write is stamped with. */
import type { Caller } from '@afar/access';
import type { Clock } from '@afar/platform';

/**
 * A user's write happens at the instant of her request, so that all of one request agrees; the house's own callers
 * live long (an import runs for an hour on one), theirs at the clock's.
 */
export function instantOf(caller: Caller, clock: Clock): number {
  return caller.kind === 'system' ? clock.now() : caller.at;
}

/** Grants start this much early, ms: clocks of two processes differ, and a request may have begun before the grant. */
export const skew = 5_000;

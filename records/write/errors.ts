/** What a write's statement says no with, in the words of the room. */
import { Refusal } from '@afar/fhir';

/**
 * Somebody was faster: the version this write stood on is not the current one any more. Has the SQLSTATE of a
 * serialization failure, so that a transaction around it is run again.
 */
export class StaleWrite extends Error {
  readonly code = '40001';
  /** The caller saw no version at all: what is in the way may be hidden from her. */
  readonly unseen: boolean;
  constructor(unseen = false) {
    super('a newer version was written meanwhile');
    this.name = 'StaleWrite';
    this.unseen = unseen;
  }
}

/** Another request with the same idempotency key has just been answered. */
export class AnsweredMeanwhile extends Error {
  constructor() {
    super('the same request was answered meanwhile');
    this.name = 'AnsweredMeanwhile';
  }
}

/** Turns the statement's SQLSTATEs into these. */
export function writeError(error: unknown): unknown {
  const { code, table, schema } = (error ?? {}) as Record<string, unknown>;
  if (code === 'AF409') return new StaleWrite();
  if (code === 'AF403')
    return new Refusal('forbidden', { detail: 'no grant on a patient it names' });
  // Two versions of one resource at once meet in history or in the index before they meet in `must`.
  if (code === '23505' && schema === 'records')
    return table === 'idempotency' ? new AnsweredMeanwhile() : new StaleWrite();
  return error;
}

/** True when running the same again, from the reading on, may end well. */
export function mayRunAgain(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === '40001' || code === '40P01';
}

/** What a lost race is to the outside: hidden is not found, the rest is a conflict. */
export function refusalOf(error: StaleWrite): Refusal {
  return new Refusal(error.unseen ? 'not-found' : 'conflict');
}

/** What the caller gets while the database (or another part it needs) is down, full or too slow: try again soon. */

/** Becomes HTTP 503 with Retry-After. Carries no text of the failed statement: it may hold patient data. */
export class Unavailable extends Error {
  readonly status = 503;
  readonly statusCode = 503;
  readonly retryAfterSeconds: number;
  readonly headers: Record<string, string>;

  constructor(what: string, retryAfterSeconds = 2, options?: ErrorOptions) {
    super(`${what} is unavailable`, options);
    this.name = 'Unavailable';
    this.retryAfterSeconds = retryAfterSeconds;
    this.headers = { 'retry-after': String(retryAfterSeconds) };
  }
}

/** SQLSTATEs that mean "not now" rather than "wrong" [PostgreSQL, appendix A]. */
const passing = new Set([
  '53000', // insufficient resources
  '53100', // disk full
  '53200', // out of memory
  '53300', // too many connections
  '55P03', // lock timeout
  '57014', // statement timeout
  '57P01', // administrator shutdown
  '57P02', // crash shutdown
  '57P03', // cannot connect now: starting or recovering
  '25006', // a standby was promoted elsewhere: this one is read-only now
  '25P03', // idle-in-transaction timeout
]);

const socketFaults = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** pg's own errors carry no code: these are the messages of its pool and client when a connection is lost or cannot be had. */
const lost =
  /^(timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error|Client was closed|Query read timeout|Cannot use a pool after)/;

/** The error itself, or `Unavailable` in its place when it says that the database cannot serve now. */
export function asUnavailable(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof Unavailable) return error;
  const code = (error as { code?: unknown }).code;
  const down =
    typeof code === 'string'
      ? passing.has(code) || socketFaults.has(code) || code.startsWith('08')
      : lost.test(error.message);
  return down ? new Unavailable('The database', 2, { cause: error }) : error;
}

/** True when the database did not answer in time: the connection may still be waiting, and is of no use any more. */
export function isSilent(error: unknown): error is Unavailable {
  return (
    error instanceof Unavailable &&
    error.cause instanceof Error &&
    error.cause.message === 'Query read timeout'
  );
}

/** True for a failure that the same transaction may survive when it is run again. */
export function mayRetry(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return code === '40001' || code === '40P01';
}

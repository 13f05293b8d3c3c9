/** Refusals: why the house says no, each one an HTTP status and an OperationOutcome. */
import type { OperationOutcome, OperationOutcomeIssue } from '@medplum/fhirtypes';

type IssueType = OperationOutcomeIssue['code'];

interface Kind {
  status: number;
  issue: IssueType;
  text: string;
  headers?: Record<string, string>;
}

/**
 * Every reason, its HTTP status [FHIR R4 http.html#Status-Codes], its issue type [FHIR R4 valueset-issue-type.html]
 * and the sentence the caller reads. One table, so that a reviewer sees the whole wire behaviour at once.
 */
const kinds = {
  unauthenticated: {
    status: 401,
    issue: 'login',
    text: 'Sign in first',
    headers: { 'www-authenticate': 'Bearer' },
  },
  'bad-credentials': { status: 401, issue: 'login', text: 'These credentials do not match' },
  // [RFC 9470 3] the caller is known, the strength of the sign-in does not suffice.
  'second-factor-required': {
    status: 401,
    issue: 'login',
    text: 'A second factor is required',
    headers: { 'www-authenticate': 'Bearer error="insufficient_user_authentication"' },
  },
  // [RFC 9470 3] the same: what was shown is too long ago for what is asked.
  'step-up-required': {
    status: 403,
    issue: 'login',
    text: 'Show your second factor again',
    headers: { 'www-authenticate': 'Bearer error="insufficient_user_authentication"' },
  },
  'session-expired': { status: 401, issue: 'expired', text: 'The session has ended' },
  'device-revoked': { status: 401, issue: 'expired', text: 'This device was signed out from afar' },
  forbidden: { status: 403, issue: 'forbidden', text: 'Not allowed' },
  'foreign-origin': { status: 403, issue: 'security', text: 'The request came from elsewhere' },
  'licence-required': {
    status: 403,
    issue: 'forbidden',
    text: 'No verified licence for where the patient is',
  },
  'consent-withdrawn': { status: 403, issue: 'forbidden', text: 'Consent has been withdrawn' },
  'ticket-refused': {
    status: 403,
    issue: 'forbidden',
    text: 'The ticket does not open this visit',
  },
  'not-found': { status: 404, issue: 'not-found', text: 'Not found' },
  'method-not-allowed': {
    status: 405,
    issue: 'not-supported',
    text: 'This address has no such verb',
  },
  'not-allowed': { status: 405, issue: 'not-supported', text: 'Not by this method' },
  'not-acceptable': { status: 406, issue: 'not-supported', text: 'No such representation' },
  timeout: { status: 408, issue: 'timeout', text: 'The request took too long' },
  conflict: { status: 409, issue: 'conflict', text: 'In conflict with the present state' },
  'slot-taken': { status: 409, issue: 'conflict', text: 'This time has just been taken' },
  'not-agreed': {
    status: 409,
    issue: 'business-rule',
    text: 'Not everybody there had agreed to be recorded at that time',
  },
  'patient-elsewhere': {
    status: 409,
    issue: 'conflict',
    text: 'The patient has another visit at this time',
  },
  'too-many-bookings': { status: 409, issue: 'conflict', text: 'No more visits can be booked now' },
  duplicate: { status: 409, issue: 'duplicate', text: 'It exists already' },
  'note-changed': { status: 409, issue: 'conflict', text: 'The note has changed elsewhere' },
  'idempotency-mismatch': {
    status: 422,
    issue: 'conflict',
    text: 'This idempotency key belongs to another request',
  },
  gone: { status: 410, issue: 'deleted', text: 'Deleted' },
  // [FHIR R4 http.html#concurrency] an If-Match that names an old version is answered with 412.
  'version-conflict': { status: 412, issue: 'conflict', text: 'A newer version exists' },
  'precondition-failed': { status: 412, issue: 'conflict', text: 'A precondition does not hold' },
  'multiple-matches': { status: 412, issue: 'multiple-matches', text: 'More than one match' },
  'too-large': { status: 413, issue: 'too-long', text: 'Too large' },
  'unsupported-media': {
    status: 415,
    issue: 'not-supported',
    text: 'This media type is not read here',
  },
  invalid: { status: 400, issue: 'invalid', text: 'The content is not valid' },
  'unreadable-body': { status: 400, issue: 'structure', text: 'The body cannot be read' },
  'unknown-parameter': { status: 400, issue: 'not-supported', text: 'Unknown search parameter' },
  'not-supported': { status: 400, issue: 'not-supported', text: 'Not supported' },
  'too-costly': { status: 400, issue: 'too-costly', text: 'This search costs too much: narrow it' },
  'bad-cursor': { status: 400, issue: 'invalid', text: 'This page address is not valid' },
  'dangling-reference': { status: 422, issue: 'not-found', text: 'A reference leads nowhere' },
  'business-rule': { status: 422, issue: 'business-rule', text: 'A rule of the house forbids it' },
  misdirected: { status: 421, issue: 'not-found', text: 'Nothing is here by this name' },
  unprocessable: { status: 422, issue: 'processing', text: 'The content cannot be processed' },
  'precondition-required': { status: 428, issue: 'required', text: 'Send If-Match' },
  throttled: {
    status: 429,
    issue: 'throttled',
    text: 'Too many requests',
    headers: { 'retry-after': '5' },
  },
  internal: { status: 500, issue: 'exception', text: 'An internal error, which has been logged' },
  'not-implemented': { status: 501, issue: 'not-supported', text: 'Not implemented' },
  // A lockdown: somebody stopped it, and somebody starts it again.
  'read-only': {
    status: 503,
    issue: 'transient',
    text: 'Locked down: everything can be read, nothing is written',
    headers: { 'retry-after': '30' },
  },
  closed: {
    status: 503,
    issue: 'transient',
    text: 'Locked down: closed for the moment',
    headers: { 'retry-after': '30' },
  },
  // 2 s: a killed database is back within about two seconds.
  unavailable: {
    status: 503,
    issue: 'transient',
    text: 'Unavailable for a moment',
    headers: { 'retry-after': '2' },
  },
} as const satisfies Record<string, Kind>;

/** Every reason a request can be refused for. */
export type RefusalCode = keyof typeof kinds;

/** Coding system of the machine-readable reason in `issue.details.coding`. */
export const refusalSystem = 'urn:afar:refusal';

export interface RefusalOptions {
  /** For the log only; must hold no PHI. Never sent to the caller. */
  detail?: string;
  /** Overrides the code's HTTP status. */
  status?: number;
  /** For the caller: shown as `issue.diagnostics`. Must hold no PHI of others. */
  diagnostics?: string;
  /** FHIRPath expressions of the faulty elements. */
  expression?: string[];
  headers?: Record<string, string>;
  /** The issues, when there is more than one thing to say; replaces the single default issue. */
  issues?: OperationOutcomeIssue[];
  cause?: unknown;
}

/** A domain error that is the standard's error. Thrown anywhere, answered as an OperationOutcome. */
export class Refusal extends Error {
  readonly code: RefusalCode;
  readonly status: number;
  readonly detail: string | undefined;
  readonly headers: Record<string, string>;
  readonly outcome: OperationOutcome;

  constructor(code: RefusalCode, options: RefusalOptions = {}) {
    const kind: Kind = kinds[code];
    super(
      options.detail === undefined ? code : `${code}: ${options.detail}`,
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.name = 'Refusal';
    this.code = code;
    this.status = options.status ?? kind.status;
    this.detail = options.detail;
    this.headers = { ...kind.headers, ...options.headers };
    this.outcome = {
      resourceType: 'OperationOutcome',
      issue: options.issues?.length ? options.issues : [issueOf(code, options)],
    };
  }
}

function issueOf(
  code: RefusalCode,
  { diagnostics, expression }: RefusalOptions,
): OperationOutcomeIssue {
  const kind: Kind = kinds[code];
  return {
    severity: kind.status >= 500 ? 'fatal' : 'error',
    code: kind.issue,
    details: { coding: [{ system: refusalSystem, code }], text: kind.text },
    ...(diagnostics === undefined ? {} : { diagnostics }),
    ...(expression?.length ? { expression } : {}),
  };
}

/** The machine-readable reason in an OperationOutcome of ours, or undefined. */
export function refusalCodeOf(outcome: OperationOutcome): RefusalCode | undefined {
  for (const issue of outcome.issue)
    for (const coding of issue.details?.coding ?? [])
      if (coding.system === refusalSystem && coding.code && coding.code in kinds)
        return coding.code as RefusalCode;
  return undefined;
}

/** The reason that stands for an HTTP status thrown by a library (body too large, broken JSON...). */
const byStatus: Record<number, RefusalCode> = {
  400: 'unreadable-body',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  405: 'method-not-allowed',
  406: 'not-acceptable',
  408: 'timeout',
  409: 'conflict',
  410: 'gone',
  412: 'precondition-failed',
  413: 'too-large',
  415: 'unsupported-media',
  421: 'misdirected',
  429: 'throttled',
  503: 'unavailable',
};

function statusIn(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { statusCode, status } = error as { statusCode?: unknown; status?: unknown };
  const found = statusCode ?? status;
  return typeof found === 'number' ? found : undefined;
}

export interface Answer {
  status: number;
  outcome: OperationOutcome;
  headers: Record<string, string>;
}

/**
 * The answer to any thrown value. A `Refusal` says what it holds; an error that carries a known HTTP status
 * (`statusCode` or `status`, as HTTP libraries throw) becomes that status without its message; anything else
 * is a 500 that tells nothing, because messages of unknown errors may hold PHI.
 */
export function outcomeOf(error: unknown): Answer {
  const refusal = error instanceof Refusal ? error : new Refusal(codeFor(error));
  return { status: refusal.status, outcome: refusal.outcome, headers: refusal.headers };
}

function codeFor(error: unknown): RefusalCode {
  const status = statusIn(error);
  return (status === undefined ? undefined : byStatus[status]) ?? 'internal';
}

/** Talking to the server: JSON in and out, refusals as values that a screen can explain. */

interface Issue {
  severity?: string;
  code?: string;
  diagnostics?: string;
  details?: { text?: string; coding?: { system?: string; code?: string }[] };
  expression?: string[];
}

/** A refused or failed request. `reason` is ours ('slot-taken'), else the outcome's code, else by status. */
export class ApiError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly text: string | undefined;
  readonly issues: readonly Issue[];

  constructor(status: number, issues: readonly Issue[] = []) {
    const first = issues[0];
    const reason = first?.details?.coding?.[0]?.code ?? first?.code ?? `http-${status}`;
    super(reason);
    this.name = 'ApiError';
    this.status = status;
    this.reason = reason;
    this.text = first?.details?.text ?? first?.diagnostics;
    this.issues = issues;
  }

  /** The request never reached the server, or the server is away: worth trying again. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** The problem as an ApiError, whatever was thrown. */
export const asApiError = (error: unknown): ApiError =>
  error instanceof ApiError ? error : new ApiError(0);

interface Options {
  headers?: Record<string, string> | undefined;
  signal?: AbortSignal | undefined;
  /** Deadline in ms; every call has one. */
  deadline?: number;
}

/** What the shell does about some refusals before a page hears of them, and what it notes of answers. */
interface Watch {
  /** Asks who is here; true when she has shown it: the request is sent again. */
  proof?: () => Promise<boolean>;
  /** This device was signed out from afar: nothing of hers stays. */
  revoked?: () => void;
  answered?: () => void;
  /** The session has ended: what is still on its way is heard out, though the page that asked is gone. */
  ended?: boolean;
  /** Counts who signed in here: what an earlier session is told says nothing of this one. */
  session: number;
}
export const watch: Watch = { session: 0 };

/** Ends when its caller gives up, unless the session has ended: one of the answers says why. */
function unlessEnded(signal: AbortSignal): AbortSignal {
  const own = new AbortController();
  const giveUp = (): void => {
    if (!watch.ended) own.abort(signal.reason);
  };
  if (signal.aborted) own.abort(signal.reason);
  else signal.addEventListener('abort', giveUp, { once: true });
  return own.signal;
}

async function call(
  method: string,
  path: string,
  body: BodyInit | undefined,
  contentType: string | undefined,
  { headers, signal, deadline = 15_000 }: Options,
): Promise<Response> {
  const limit = AbortSignal.timeout(deadline);
  const asking = watch.session;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      headers: {
        accept: 'application/fhir+json, application/json;q=0.9',
        ...(contentType ? { 'content-type': contentType } : {}),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
      signal: signal ? AbortSignal.any([unlessEnded(signal), limit]) : limit,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0);
  }
  watch.answered?.();
  if (response.ok) return response;
  if (response.status === 401 && asking !== watch.session) throw new ApiError(0);
  const outcome = (await response.json().catch(() => undefined)) as { issue?: Issue[] } | undefined;
  const error = new ApiError(response.status, outcome?.issue);
  if (error.reason === 'device-revoked') watch.revoked?.();
  if (error.reason === 'step-up-required' && (await watch.proof?.()))
    return call(method, path, body, contentType, { headers, signal, deadline });
  throw error;
}

async function json<T>(response: Response): Promise<T> {
  if (response.status === 204) return undefined as T;
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

const sent = (body: unknown): string | undefined =>
  body === undefined ? undefined : JSON.stringify(body);

/** The verbs the app uses. Paths never hold personal data: only ids. */
export const api = {
  get: async <T>(path: string, options: Options = {}): Promise<T> =>
    json<T>(await call('GET', path, undefined, undefined, options)),
  post: async <T>(path: string, body?: unknown, options: Options = {}): Promise<T> =>
    json<T>(await call('POST', path, sent(body), typeOf(body), options)),
  put: async <T>(path: string, body?: unknown, options: Options = {}): Promise<T> =>
    json<T>(await call('PUT', path, sent(body), typeOf(body), options)),
  patch: async <T>(path: string, body?: unknown, options: Options = {}): Promise<T> =>
    json<T>(await call('PATCH', path, sent(body), typeOf(body), options)),
  remove: async <T = void>(path: string, options: Options = {}): Promise<T> =>
    json<T>(await call('DELETE', path, undefined, undefined, options)),
  delete: async <T>(path: string, options: Options = {}): Promise<T> =>
    json<T>(await call('DELETE', path, undefined, undefined, options)),
  /** Something to be saved: answers may take a minute to be made. */
  file: async (path: string, body: unknown): Promise<Blob> =>
    (await call('POST', path, sent(body), typeOf(body), { deadline: 120_000 })).blob(),
  /** Bytes as they are; a photo over a thin line takes its time. */
  upload: async <T>(path: string, bytes: Blob, headers: Record<string, string>): Promise<T> =>
    json<T>(
      await call('POST', path, bytes, 'application/octet-stream', { headers, deadline: 180_000 }),
    ),
  /** Puts bytes where they belong: the same again is the same answer. */
  putBytes: async <T>(
    path: string,
    bytes: Blob | ArrayBuffer,
    type: string,
    headers: Record<string, string> = {},
  ): Promise<T> => json<T>(await call('PUT', path, bytes, type, { headers, deadline: 180_000 })),
  /** Bytes as they are kept. */
  bytes: async (path: string, headers: Record<string, string> = {}): Promise<Blob> =>
    (await call('GET', path, undefined, undefined, { headers, deadline: 180_000 })).blob(),
  form: async <T>(path: string, body: URLSearchParams, options: Options = {}): Promise<T> =>
    json<T>(await call('POST', path, body, 'application/x-www-form-urlencoded', options)),
};

function typeOf(body: unknown): string | undefined {
  return body === undefined ? undefined : 'application/json';
}

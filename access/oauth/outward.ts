/** The way out to servers that a client or an administrator named: through the guarded client of the house alone. */

export interface OutwardRequest {
  url: string;
  method?: 'GET' | 'POST';
  headers?: Readonly<Record<string, string>>;
  body?: string;
  deadlineMs?: number;
  mostBytes?: number;
}

/** Calls public addresses only, pinned after the look-up, in a bounded time, with a bounded answer, following no redirect. */
export interface Outward {
  request(asked: OutwardRequest): Promise<{
    status: number;
    headers: Readonly<Record<string, string | string[] | undefined>>;
    body: Buffer;
  }>;
}

interface FetchOptions {
  method?: string;
  headers?: ConstructorParameters<typeof Headers>[0];
  body?: unknown;
}

/** A `fetch` over it, for libraries that want one. @throws TypeError when nothing may be called */
export function fetchBy(
  outbound: Outward | undefined,
): (url: string | URL, options?: FetchOptions) => Promise<Response> {
  return async (url, { method = 'GET', headers, body } = {}) => {
    if (!outbound) throw new TypeError('no address is called from here');
    if (method !== 'GET' && method !== 'POST') throw new TypeError('GET and POST alone');
    const sent = body instanceof URLSearchParams ? body.toString() : body;
    if (sent !== undefined && sent !== null && typeof sent !== 'string')
      throw new TypeError('a text is sent, or nothing');
    const all = Object.fromEntries(new Headers(headers));
    const answer = await outbound.request({
      url: String(url),
      method,
      headers: { accept: 'application/json', ...all },
      ...(typeof sent === 'string' && { body: sent }),
      deadlineMs: 5_000,
      mostBytes: 128 * 1024,
    });
    const told = new Headers();
    for (const [name, value] of Object.entries(answer.headers))
      if (typeof value === 'string') told.set(name, value);
    const empty = [204, 205, 304].includes(answer.status);
    return new Response(empty ? null : new Uint8Array(answer.body), {
      status: answer.status,
      headers: told,
    });
  };
}

/** People over plain HTTP: signs in with password and code, keeps the cookies, speaks as a browser would. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Secret, TOTP } from 'otpauth';
import type { DemoAccount } from './product.ts';

export interface Answer<T = unknown> {
  status: number;
  headers: Headers;
  body: T;
}

export interface Session {
  get<T = unknown>(path: string): Promise<Answer<T>>;
  post<T = unknown>(
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<T>>;
  put<T = unknown>(
    path: string,
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<T>>;
  patch<T = unknown>(path: string, body: unknown): Promise<Answer<T>>;
  cookies(): string;
}

/** A browser's worth of HTTP towards one server; no one is signed in yet. */
export function visitor(baseUrl: string): Session {
  const jar = new Map<string, string>();
  const call = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) => {
    const answer = await fetch(baseUrl + path, {
      method,
      headers: {
        origin: baseUrl,
        ...(jar.size > 0 && {
          cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
        }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    for (const set of answer.headers.getSetCookie()) {
      const [name, ...value] = set.split(';')[0]!.split('=');
      jar.set(name!, value.join('='));
    }
    const text = await answer.text();
    const json = /json/.test(answer.headers.get('content-type') ?? '') && text !== '';
    return { status: answer.status, headers: answer.headers, body: json ? JSON.parse(text) : text };
  };
  return {
    get: (path) => call('GET', path) as never,
    post: (path, body, headers) => call('POST', path, body, headers) as never,
    put: (path, body, headers) => call('PUT', path, body, headers) as never,
    patch: (path, body) => call('PATCH', path, body) as never,
    cookies: () => [...jar].map(([name, value]) => `${name}=${value}`).join('; '),
  };
}

/** The last step of 30 s whose code was used, of each key: a code works once. */
const used = new Map<string, number>();

/**
 * Six digits that were not used before and stay valid long enough to be typed on a slow machine: of the step before, of this one or of the
 * next, all of which a server takes for clocks that differ [RFC 6238 5.2], so that three sign-ins need not wait.
 */
export async function codeNow(totpSecret: string): Promise<string> {
  const left = (): number => 30_000 - (Date.now() % 30_000);
  const now = (): number => Math.floor(Date.now() / 30_000);
  const next = (): number =>
    Math.max((used.get(totpSecret) ?? 0) + 1, left() < 5_000 ? now() : now() - 1);
  while (next() > now() + 1) await sleep(left() + 50);
  const step = next();
  used.set(totpSecret, step);
  return new TOTP({ secret: Secret.fromBase32(totpSecret) }).generate({ timestamp: step * 30_000 });
}

/** Signs in, with the second factor where the account has one. */
export async function signIn(baseUrl: string, account: DemoAccount): Promise<Session> {
  const person = visitor(baseUrl);
  const first = await person.post<{ status: string }>('/auth/sign-in', {
    email: account.email,
    password: account.password,
  });
  if (first.status !== 200) throw new Error(`sign-in answered ${first.status}`);
  if (first.body.status === 'second-factor') {
    const second = await person.post('/auth/second-factor', {
      code: await codeNow(account.totpSecret!),
    });
    if (second.status !== 200) throw new Error(`second factor answered ${second.status}`);
  }
  return person;
}

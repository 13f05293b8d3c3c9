/** Requests to a key provider: a deadline, a few tries with jitter where it is busy, and errors an operator can act on. */
import { setTimeout as sleep } from 'node:timers/promises';
import { KeyUnavailable } from '../errors.ts';

export interface Asking {
  /** One try, ms. Default 3 s: a KMS answers in tens of ms. */
  tryMs?: number;
  /** Everything together, ms. Default 10 s: a request of ours waits for it. */
  totalMs?: number;
}

export interface Reply {
  status: number;
  /** Parsed JSON, or undefined when it is none. */
  body: unknown;
  text: string;
}

/** What a provider said no with. */
export class ProviderRefused extends KeyUnavailable {
  readonly httpStatus: number;
  /** The provider's own word for it (`ThrottlingException`, `PERMISSION_DENIED`); never its free text. */
  readonly reason: string;
  constructor(provider: string, status: number, reason: string, advice: string) {
    super(
      `${provider} refused (HTTP ${status}${reason && `, ${reason}`})${advice && `: ${advice}`}`,
    );
    this.name = 'ProviderRefused';
    this.httpStatus = status;
    this.reason = reason;
  }
}

const tries = 4;
/** First pause at most, ms; it doubles, and each is drawn anew, so that processes that failed together part ways. */
const pauseMs = 100;

const busy = (status: number) => status === 429 || status >= 500;

/**
 * Sends a request, again while the provider is busy or unreachable.
 * @param prepare makes each try anew: signatures hold an instant
 * @param alsoBusy whether an answer below 500 means "later" too
 * @throws KeyUnavailable when nobody answered in time
 */
export async function ask(
  provider: string,
  prepare: () => Promise<Request> | Request,
  { tryMs = 3_000, totalMs = 10_000 }: Asking = {},
  alsoBusy: (reply: Reply) => boolean = () => false,
): Promise<Reply> {
  const until = performance.now() + totalMs;
  for (let attempt = 1; ; attempt++) {
    const left = until - performance.now();
    let reply: Reply | undefined;
    let fault: unknown;
    try {
      const signal = AbortSignal.timeout(Math.max(1, Math.min(tryMs, left)));
      const response = await fetch(await prepare(), { signal, redirect: 'error' });
      const text = await response.text();
      reply = { status: response.status, body: parsed(text), text };
      if (!busy(reply.status) && !alsoBusy(reply)) return reply;
    } catch (error) {
      if (error instanceof KeyUnavailable) throw error;
      fault = error;
    }
    const pause = Math.random() * pauseMs * 2 ** (attempt - 1);
    if (attempt === tries || performance.now() + pause >= until) {
      if (reply) return reply;
      throw new KeyUnavailable(`${provider} does not answer`, { cause: fault });
    }
    await sleep(pause);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** A text member of an answer. @throws KeyUnavailable when it is not there */
export function textIn(provider: string, body: unknown, ...path: string[]): string {
  let at: unknown = body;
  for (const name of path) at = (at as Record<string, unknown> | null | undefined)?.[name];
  if (typeof at !== 'string' || at === '')
    throw new KeyUnavailable(`${provider} answered without ${path.join('.')}`);
  return at;
}

/** A token that is asked for once and again a minute before it ends; never twice at a time. */
export function tokens(fetchToken: () => Promise<{ token: string; seconds: number }>): {
  get(): Promise<string>;
  drop(): void;
} {
  let held: { token: string; until: number } | undefined;
  let asking: Promise<string> | undefined;
  return {
    get() {
      if (held && performance.now() < held.until) return Promise.resolve(held.token);
      asking ??= fetchToken()
        .then(({ token, seconds }) => {
          // A token of less than two minutes is used for half of its life.
          const life = Math.max(seconds - 60, seconds / 2);
          held = { token, until: performance.now() + life * 1000 };
          return token;
        })
        .finally(() => {
          asking = undefined;
        });
      return asking;
    },
    drop() {
      held = undefined;
    },
  };
}

const FORMAT = 2;

/** A wrapped key with the name of the version that wrapped it before it. */
export function pack(version: string, bytes: Uint8Array): Buffer {
  const name = Buffer.from(version);
  const head = Buffer.alloc(3);
  head.writeUInt8(FORMAT, 0);
  head.writeUInt16BE(name.length, 1);
  return Buffer.concat([head, name, bytes]);
}

/** @throws KeyUnavailable for anything `pack` did not make */
export function unpack(wrapped: Uint8Array): { version: string; bytes: Buffer } {
  const whole = Buffer.from(wrapped.buffer, wrapped.byteOffset, wrapped.byteLength);
  const length = whole.length > 3 && whole[0] === FORMAT ? whole.readUInt16BE(1) : Infinity;
  if (whole.length <= 3 + length)
    throw new KeyUnavailable('wrapped by a provider or in a format this program does not know');
  return {
    version: whole.toString('utf8', 3, 3 + length),
    bytes: whole.subarray(3 + length),
  };
}

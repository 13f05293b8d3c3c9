/** Web Push: a message sealed for one browser (RFC 8291), handed to the push service it subscribed at, signed with our key (RFC 8292). */
import webPush from 'web-push';
import { DeliveryFailed, type Push } from './delivery.ts';
import type { VapidKeys } from './vapid.ts';

/** What a browser's `PushSubscription.toJSON()` says, and nothing more of it. */
export interface PushSubscription {
  endpoint: string;
  keys: { p256dh: string; auth: string };
}

/** One POST to an address that a stranger named: through a client that calls public addresses alone. */
export type PushPost = (
  url: string,
  headers: Record<string, string>,
  body: Buffer,
) => Promise<{ status: number }>;

export interface PushOptions {
  keys(): Promise<VapidKeys>;
  post: PushPost;
  /** Whom a push service may write to: `mailto:` or `https:` [RFC 8292 2.1]. */
  contact: string;
}

export interface PushGateway {
  /** @throws DeliveryFailed; `push-gone` for a subscription that is over: forget it */
  push(message: Push): Promise<void>;
  /** Public key, base64url: what a browser subscribes with. */
  pushKey(): Promise<string>;
}

/** Four hours: who was offline that long finds it in the app. */
const defaultTtl = 4 * 3600;

const point = /^[\w-]{87}={0,1}$/;
const secret = /^[\w-]{22}={0,2}$/;

/** A subscription of a browser: an https address, a point of P-256 and 16 bytes. @returns undefined for anything else */
export function parseSubscription(given: unknown): PushSubscription | undefined {
  const { endpoint, keys } = (given ?? {}) as { endpoint?: unknown; keys?: unknown };
  const { p256dh, auth } = (keys ?? {}) as { p256dh?: unknown; auth?: unknown };
  if (typeof endpoint !== 'string' || endpoint.length > 1_000) return undefined;
  const url = URL.parse(endpoint);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined;
  if (url.username || url.password) return undefined;
  if (typeof p256dh !== 'string' || !point.test(p256dh)) return undefined;
  if (typeof auth !== 'string' || !secret.test(auth)) return undefined;
  return { endpoint, keys: { p256dh, auth } };
}

export function pushGateway({ keys, post, contact }: PushOptions): PushGateway {
  let known: Promise<VapidKeys> | undefined;
  const pair = (): Promise<VapidKeys> => {
    known ??= keys();
    // A key that could not be had just now is asked for again.
    known.catch(() => (known = undefined));
    return known;
  };

  async function send({ to, title, text, url, tag, ttlSeconds = defaultTtl }: Push): Promise<void> {
    const subscription = parseSubscription(JSON.parse(to));
    if (!subscription) throw new DeliveryFailed('push-gone', true);
    const details = webPush.generateRequestDetails(
      subscription,
      JSON.stringify({ title, text, ...(url && { url }), ...(tag && { tag }) }),
      {
        vapidDetails: { subject: contact, ...(await pair()) },
        TTL: ttlSeconds,
        contentEncoding: 'aes128gcm',
        urgency: 'normal',
        // A later message of the same kind takes the place of one that still waits [RFC 8030 5.4].
        ...(tag && { topic: tag }),
      },
    );
    const headers = Object.fromEntries(
      Object.entries(details.headers as Record<string, unknown>)
        .filter(([name]) => name !== 'Content-Length')
        .map(([name, value]) => [name.toLowerCase(), String(value)]),
    );
    const { status } = await post(details.endpoint, headers, details.body as Buffer);
    if (status >= 200 && status < 300) return;
    // [RFC 8030 7.3] gone; 400 and 413 are of this message, 401 and 403 of our key, the rest passes.
    if (status === 404 || status === 410) throw new DeliveryFailed('push-gone', true);
    throw new DeliveryFailed(`http-${status}`, status === 400 || status === 413, status < 500);
  }

  return {
    pushKey: async () => (await pair()).publicKey,
    async push(message) {
      try {
        await send(message);
      } catch (error) {
        if (error instanceof DeliveryFailed) throw error;
        const { code, reason } = error as { code?: string; reason?: string };
        const unsent = ['url', 'address', 'dns'].includes(reason ?? '');
        throw new DeliveryFailed(reason ?? code ?? 'push', false, unsent);
      }
    },
  };
}

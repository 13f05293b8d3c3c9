/** Web Push to a real HTTP endpoint on this machine, which opens what arrives as a browser would and checks who signed it. */
import { createDecipheriv, createECDH, hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importJWK, jwtVerify } from 'jose';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshKey } from '../keys/data-key.ts';
import { SealBroken } from '../seal/index.ts';
import { DeliveryFailed, gateways, parseSubscription, vapidKeys } from './index.ts';

interface Arrived {
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

const folder = mkdtempSync(join(tmpdir(), 'afar-push-'));
const clinic = freshKey(randomUUID(), randomBytes(32));
const file = join(folder, 'vapid');
const arrived: Arrived[] = [];
let status = 201;
const server = createServer((req, res) => {
  const parts: Buffer[] = [];
  req.on('data', (part: Buffer) => parts.push(part));
  req.on('end', () => {
    arrived.push({ headers: req.headers, body: Buffer.concat(parts) });
    res.writeHead(status).end();
  });
});
const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true, force: true });
});

/** A browser: its key pair and its secret. */
const browser = createECDH('prime256v1');
browser.generateKeys();
const auth = randomBytes(16);
const subscription = () => ({
  endpoint: `${origin()}/push/abc`,
  keys: {
    p256dh: browser.getPublicKey().toString('base64url'),
    auth: auth.toString('base64url'),
  },
});

/** [RFC 8291 3.4, RFC 8188 2]: what the browser does with the body. */
function opened(body: Buffer): string {
  const salt = body.subarray(0, 16);
  const sender = body.subarray(21, 21 + body[20]!);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), browser.getPublicKey(), sender]);
  const ikm = Buffer.from(hkdfSync('sha256', browser.computeSecret(sender), auth, info, 32));
  const derive = (label: string, length: number) =>
    Buffer.from(hkdfSync('sha256', ikm, salt, Buffer.from(`Content-Encoding: ${label}\0`), length));
  const sealed = body.subarray(21 + body[20]!);
  const cipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12));
  cipher.setAuthTag(sealed.subarray(-16));
  const padded = Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]);
  // The last record ends with 2 and zeros [RFC 8188 2].
  return padded.subarray(0, padded.lastIndexOf(2)).toString('utf8');
}

const gateway = gateways({
  push: {
    keys: () => vapidKeys(file, () => Promise.resolve(clinic)),
    contact: 'mailto:clinic@example.org',
    post: async (url, headers, body) => {
      const { status: answered } = await fetch(url, {
        method: 'POST',
        headers,
        body: new Uint8Array(body),
      });
      return { status: answered };
    },
  },
});
const message = { title: 'Afar', text: 'You have a new message', url: '/patient/messages' };

it('arrives sealed for the browser, and opens there [RFC 8291]', async () => {
  await gateway.push({
    to: JSON.stringify(subscription()),
    ...message,
    tag: 'messages',
    ttlSeconds: 60,
  });
  const { headers, body } = arrived.at(-1)!;
  expect(headers).toMatchObject({ 'content-encoding': 'aes128gcm', ttl: '60', topic: 'messages' });
  expect(body.toString('latin1')).not.toContain('new message');
  expect(JSON.parse(opened(body))).toEqual({ ...message, tag: 'messages' });
});

it('is signed for that push service, for a while, with the key browsers were given [RFC 8292]', async () => {
  const authorization = String(arrived.at(-1)!.headers.authorization);
  const [, token, k] = /^vapid t=([^,]+), ?k=(.+)$/.exec(authorization)!;
  expect(k).toBe(await gateway.pushKey!());
  const point = Buffer.from(k!, 'base64url');
  const jwk = {
    kty: 'EC',
    crv: 'P-256',
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
  };
  const { payload } = await jwtVerify(token!, await importJWK(jwk, 'ES256'), {
    audience: origin(),
    subject: 'mailto:clinic@example.org',
  });
  expect(payload.exp! - Date.now() / 1000).toBeLessThanOrEqual(24 * 3600);
});

it.each([
  [404, 'push-gone', true],
  [410, 'push-gone', true],
  [413, 'http-413', true],
  [403, 'http-403', false],
  [429, 'http-429', false],
])('answers %i as %s [RFC 8030 7.3]', async (answer, code, permanent) => {
  status = answer;
  const failed = gateway.push({ to: JSON.stringify(subscription()), ...message });
  await expect(failed).rejects.toMatchObject({ code, permanent });
  await expect(failed).rejects.toThrow(DeliveryFailed);
  status = 201;
});

it('keeps its key across a start, sealed, for itself alone', async () => {
  const again = await vapidKeys(file, () => Promise.resolve(clinic));
  expect(again.publicKey).toBe(await gateway.pushKey!());
  expect(readFileSync(file).toString('latin1')).not.toContain(again.privateKey);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const other = freshKey(randomUUID(), randomBytes(32));
  await expect(vapidKeys(file, () => Promise.resolve(other))).rejects.toThrow(SealBroken);
});

it('two processes that start at once have one key', async () => {
  const twice = join(folder, 'twice');
  const both = await Promise.all([0, 1].map(() => vapidKeys(twice, () => Promise.resolve(clinic))));
  expect(both[0]).toEqual(both[1]);
});

it.each([
  [{}],
  [{ endpoint: 'javascript:alert(1)', keys: subscriptionKeys() }],
  [{ endpoint: 'https://user:pass@push.example', keys: subscriptionKeys() }],
  [{ endpoint: 'https://push.example', keys: { p256dh: 'short', auth: 'short' } }],
])('takes no subscription that is none: %#', (given) => {
  expect(parseSubscription(given)).toBeUndefined();
});

function subscriptionKeys() {
  return { p256dh: randomBytes(65).toString('base64url'), auth: auth.toString('base64url') };
}

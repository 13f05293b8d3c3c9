/** What the tests of all providers share: a fake and its keys, files of secrets, and what every provider has to stand. */
import { createSecretKey, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect } from 'vitest';
import { KeyUnavailable, keyProviderOf } from '../index.ts';
import type { KeyProvider } from '../index.ts';
import { unwrapKey, wrapKey } from '../wrap.ts';
import { fakeProvider } from './fake-provider.ts';
import type { Answering, Asked, Fake } from './fake-provider.ts';

let dir: string;
const fakes: Fake[] = [];
/** Call it once in each file: a folder for each test, and no server left. */
export function trial(): void {
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'afar-providers-'));
  });
  afterEach(async () => {
    for (const fake of fakes.splice(0)) await fake.close();
    rmSync(dir, { recursive: true });
  });
}

export async function fake(handler: (asked: Asked) => Answering): Promise<Fake> {
  const made = await fakeProvider(handler);
  fakes.push(made);
  return made;
}
export const provider = (spec: string, env: Record<string, string>): KeyProvider =>
  keyProviderOf(spec, { kekDir: dir, env });
export const file = (name: string, text: string): string => {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
};

export const plain = randomBytes(32);
export const context = 'tenant 1 epoch 1';
export const b64 = (text: unknown) => Buffer.from(text as string, 'base64');
/** What the fakes keep for themselves: a key a version. */
const versions = new Map<string, Buffer>();
export function box(version: string) {
  let key = versions.get(version);
  if (!key) versions.set(version, (key = randomBytes(32)));
  const secret = createSecretKey(key);
  return {
    seal: (bytes: Buffer, aad: string) => wrapKey(secret, bytes, aad),
    open: (bytes: Buffer, aad: string) => unwrapKey(secret, bytes, aad),
  };
}

/** What every one of them has to stand, given one that works. */
export async function stands(one: KeyProvider, server: Fake, busy: Answering): Promise<void> {
  const wrapped = await one.wrap(plain, context);
  expect(wrapped.includes(plain)).toBe(false);
  expect((await one.unwrap(wrapped, context)).equals(plain)).toBe(true);
  await expect(one.unwrap(wrapped, 'tenant 2 epoch 1')).rejects.toThrow(KeyUnavailable);
  const broken = Buffer.from(wrapped);
  broken[broken.length - 1]! ^= 1;
  await expect(one.unwrap(broken, context)).rejects.toThrow(KeyUnavailable);

  // Busy, gone for a moment, busy: it asks again by itself.
  server.next.push(busy, 'drop', busy);
  expect((await one.unwrap(wrapped, context)).equals(plain)).toBe(true);
  server.next.push(busy, busy, busy, busy);
  const refused = await one.unwrap(wrapped, context).catch((error: unknown) => error as Error);
  expect(refused).toBeInstanceOf(KeyUnavailable);
  // Nothing of the answer's free text, nor of a secret, gets into an error and so into the log.
  expect(String(refused)).not.toMatch(/secret|free text/i);
  expect((await one.unwrap(wrapped, context)).equals(plain)).toBe(true);
}

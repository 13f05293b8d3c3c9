/** The key ring against the ways a key gets lost, leaked, doubled or kept too long. */
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aad, open, seal } from '../seal/index.ts';
import { KeyErased, KeyUnavailable, localKeyProvider, openKeyRing } from './index.ts';
import type { KeyProvider, KeyRing, KeyRingOptions } from './index.ts';

let dir: string;
let now: number;
const clock = { now: () => now };
const rings: KeyRing[] = [];

async function ring(options: Partial<KeyRingOptions> = {}): Promise<KeyRing> {
  const made = await openKeyRing({ dir, provider: localKeyProvider(dir), clock, ...options });
  rings.push(made);
  return made;
}

/** Every byte the keystore keeps, its log included. */
const keystoreBytes = () =>
  Buffer.concat(
    readdirSync(dir)
      .filter((name) => name.startsWith('keystore'))
      .map((name) => readFileSync(join(dir, name))),
  );

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'afar-keys-'));
  now = Date.UTC(2026, 10, 21);
});
afterEach(() => {
  for (const one of rings.splice(0)) one.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('the local key provider', () => {
  it('makes its key file for the owner alone', async () => {
    await localKeyProvider(dir).wrap(Buffer.alloc(32), 'x');
    expect(statSync(join(dir, 'kek-0001')).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(['kek-0001']);
  });

  it.each([0o640, 0o604, 0o660])('refuses a key file of mode %o', async (mode) => {
    const wrapped = await localKeyProvider(dir).wrap(Buffer.alloc(32), 'x');
    chmodSync(join(dir, 'kek-0001'), mode);
    await expect(localKeyProvider(dir).unwrap(wrapped, 'x')).rejects.toThrow(KeyUnavailable);
  });

  it('refuses a folder that others can look into', async () => {
    chmodSync(dir, 0o755);
    await expect(localKeyProvider(dir).wrap(Buffer.alloc(32), 'x')).rejects.toThrow(/others/);
  });

  it('opens only with the context it wrapped with', async () => {
    const provider = localKeyProvider(dir);
    const wrapped = await provider.wrap(Buffer.from('secret'), 'tenant 1');
    expect((await provider.unwrap(wrapped, 'tenant 1')).toString()).toBe('secret');
    await expect(provider.unwrap(wrapped, 'tenant 2')).rejects.toThrow(KeyUnavailable);
  });

  it('never makes a new key to open an old value', async () => {
    const wrapped = await localKeyProvider(dir).wrap(Buffer.alloc(32), 'x');
    rmSync(join(dir, 'kek-0001'));
    await expect(localKeyProvider(dir).unwrap(wrapped, 'x')).rejects.toThrow(/version 1/);
    expect(readdirSync(dir)).toEqual([]);
  });

  it('reads older versions after a rotation and nothing after their retirement', async () => {
    const provider = localKeyProvider(dir);
    const old = await provider.wrap(Buffer.from('a'), 'x');
    expect(await provider.rotate()).toBe(2);
    const young = await provider.wrap(Buffer.from('b'), 'x');
    expect(young.readUInt32BE(1)).toBe(2);
    expect((await provider.unwrap(old, 'x')).toString()).toBe('a');
    await expect(provider.retire(2)).rejects.toThrow(/current/);
    await provider.retire(1);
    await expect(provider.unwrap(old, 'x')).rejects.toThrow(KeyUnavailable);
    expect((await provider.unwrap(young, 'x')).toString()).toBe('b');
  });

  it('makes one key when many start at once', async () => {
    const wrapped = await Promise.all(
      Array.from({ length: 8 }, () => localKeyProvider(dir).wrap(Buffer.from('a'), 'x')),
    );
    const reader = localKeyProvider(dir);
    for (const one of wrapped) expect((await reader.unwrap(one, 'x')).toString()).toBe('a');
  });
});

describe('the key ring', () => {
  it('gives a clinic one key, the same after a restart, and another clinic another', async () => {
    const first = await ring();
    const key = await first.tenant(1);
    expect((await first.tenant(2)).kid).not.toBe(key.kid);
    const again = await (await ring()).tenant(1);
    expect(again.kid).toBe(key.kid);
    expect(again.cipher.equals(key.cipher)).toBe(true);
    expect(again.index.equals(key.index)).toBe(true);
    expect(again.index.equals(again.cipher)).toBe(false);
  });

  it('has a reserved key on the disk before it hands it out', async () => {
    const key = await (await ring()).reserve(1);
    const sealed = seal('body', key, aad('x'));
    // Nothing closed, nothing flushed: what a process sees that starts after a kill -9.
    const other = await (await ring()).byId(1, key.kid);
    expect(open(sealed, other, aad('x')).toString()).toBe('body');
  });

  it('never hands out a key twice, across batches and callers', async () => {
    const one = await ring();
    const kids = await Promise.all(
      Array.from({ length: 300 }, async () => (await one.reserve(1)).kid),
    );
    expect(new Set(kids).size).toBe(300);
  });

  it('never hands out a key twice across processes, and agrees on the key of the clinic', async () => {
    const script = join(import.meta.dirname, 'testing/reserve-many.ts');
    const runs = await Promise.all(
      [150, 150, 150].map((count) =>
        promisify(execFile)(process.execPath, [script, dir, String(count)]),
      ),
    );
    const seen = runs.map((run) => JSON.parse(run.stdout) as { kids: string[]; own: string });
    expect(new Set(seen.flatMap((one) => one.kids)).size).toBe(450);
    expect(new Set(seen.map((one) => one.own)).size).toBe(1);
  });

  it('does not open the key of one clinic for another', async () => {
    const one = await ring();
    const { kid } = await one.reserve(1);
    await one.tenant(2);
    expect(one.cached(1, kid)).toBeDefined();
    expect(one.cached(2, kid)).toBeUndefined();
    await expect(one.byId(2, kid)).rejects.toThrow(KeyUnavailable);
  });

  it('keeps its cache to the size it was given', async () => {
    const one = await ring({ cacheSize: 3 });
    const first = await one.reserve(1);
    for (let i = 0; i < 3; i++) await one.reserve(1);
    expect(one.cached(1, first.kid)).toBeUndefined();
    expect((await one.byId(1, first.kid)).cipher.equals(first.cipher)).toBe(true);
  });

  it('holds no secret in the clear on the disk', async () => {
    const secrets: Buffer[] = [];
    const local = localKeyProvider(dir);
    const provider: KeyProvider = {
      ...local,
      wrap(plain, context) {
        secrets.push(Buffer.from(plain));
        return local.wrap(plain, context);
      },
    };
    const one = await ring({ provider });
    await one.reserve(1);
    expect(secrets).toHaveLength(1);
    expect(keystoreBytes().includes(secrets[0]!)).toBe(false);
  });
});

describe('an outage of the provider', () => {
  function failing() {
    const local = localKeyProvider(dir);
    const state = { down: false, asked: 0 };
    const provider: KeyProvider = {
      id: 'failing',
      wrap: (plain, context) => local.wrap(plain, context),
      unwrap(wrapped, context) {
        state.asked++;
        return state.down ? Promise.reject(new Error('timeout')) : local.unwrap(wrapped, context);
      },
    };
    return { state, provider };
  }

  it('is outlived for the lifetime, and not a moment longer', async () => {
    const { state, provider } = failing();
    const one = await ring({ provider, lifetimeMs: 60_000 });
    const { kid } = await one.reserve(1);
    state.down = true;
    now += 59_999;
    expect(one.cached(1, kid)).toBeDefined();
    expect((await one.byId(1, kid)).kid).toBe(kid);
    now += 1;
    expect(one.cached(1, kid)).toBeUndefined();
    await expect(one.byId(1, kid)).rejects.toThrow(KeyUnavailable);
    await expect(one.reserve(1)).resolves.toBeDefined(); // spares in hand are spent first
    await expect(one.tenant(1)).rejects.toMatchObject({ status: 503 });
    state.down = false;
    expect((await one.byId(1, kid)).kid).toBe(kid);
  });

  it('asks again in good time, so that a healthy provider is never waited for', async () => {
    const { state, provider } = failing();
    const one = await ring({ provider, lifetimeMs: 60_000 });
    await one.tenant(1);
    const before = state.asked;
    now += 31_000;
    await one.tenant(1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(state.asked).toBe(before + 1);
    now += 59_000; // 90 s after the first answer, 59 after the second
    expect(one.cached(1, (await one.tenant(1)).kid)).toBeDefined();
  });

  it('reads nothing when the clock runs backwards past the last answer', async () => {
    const one = await ring({ lifetimeMs: 60_000 });
    const { kid } = await one.reserve(1);
    now -= 1_000;
    expect(one.cached(1, kid)).toBeUndefined();
  });
});

describe('erasing a patient', () => {
  it('destroys the key: in memory, after a restart, and byte by byte on the disk', async () => {
    const one = await ring();
    const { kid } = await one.reserve(1);
    const kept = await one.reserve(1);
    const before = keystoreBytes();
    await one.erase(1, kid);
    expect(one.cached(1, kid)).toBeUndefined();
    await expect(one.byId(1, kid)).rejects.toThrow(KeyErased);
    await expect((await ring()).byId(1, kid)).rejects.toMatchObject({ status: 410 });
    expect((await (await ring()).byId(1, kept.kid)).kid).toBe(kept.kid);

    // The 60 wrapped bytes follow the key's id and its columns in the row; none of them is left.
    const at = before.indexOf(kid);
    const row = before.subarray(at, at + 200);
    const wrappedTail = row.subarray(row.indexOf('owner') + 20, row.indexOf('owner') + 50);
    expect(before.includes(wrappedTail)).toBe(true);
    expect(keystoreBytes().includes(wrappedTail)).toBe(false);
  });

  it('can be repeated, and refuses the key of the clinic and keys it does not know', async () => {
    const one = await ring();
    const { kid } = await one.reserve(1);
    await one.erase(1, kid);
    await one.erase(1, kid);
    await expect(one.erase(1, (await one.tenant(1)).kid)).rejects.toThrow(/whole clinic/);
    await expect(one.erase(1, crypto.randomUUID())).rejects.toThrow(KeyUnavailable);
    const other = await one.reserve(2);
    await expect(one.erase(1, other.kid)).rejects.toThrow(KeyUnavailable);
  });

  it('is noticed by another process within its notice time', async () => {
    const one = await ring();
    const two = await ring({ noticeMs: 1_000 });
    const { kid } = await one.reserve(1);
    await two.byId(1, kid);
    expect(two.cached(1, kid)).toBeDefined();
    await one.erase(1, kid);
    now += 1_000;
    expect(two.cached(1, kid)).toBeUndefined();
    await expect(two.byId(1, kid)).rejects.toThrow(KeyErased);
  });
});

describe('wrapping everything anew', () => {
  it('keeps every key readable, in other processes too, and forgets the old wrapping', async () => {
    const one = await ring();
    const two = await ring();
    const key = await one.reserve(1);
    const own = await one.tenant(1);
    await two.tenant(1);
    expect(await one.rotate(1)).toBe(2);
    for (const each of [one, two, await ring()]) {
      expect((await each.byId(1, key.kid)).cipher.equals(key.cipher)).toBe(true);
      expect((await each.tenant(1)).kid).toBe(own.kid);
      expect((await each.reserve(1)).kid).not.toBe(key.kid);
    }
  });

  it('makes old copies of the keystore worthless once the old key-encryption key is retired', async () => {
    const provider = localKeyProvider(dir);
    const one = await ring({ provider });
    const erased = await one.reserve(1);
    const kept = await one.reserve(1);
    one.close();
    const old = mkdtempSync(join(tmpdir(), 'afar-keys-old-'));
    const copy = async () => {
      const { cpSync } = await import('node:fs');
      cpSync(dir, old, { recursive: true });
      chmodSync(old, 0o700);
    };
    await copy();

    const two = await ring({ provider });
    await two.erase(1, erased.kid);
    const next = await provider.rotate();
    await two.rotate(1);
    await provider.retire(next - 1);
    expect((await two.byId(1, kept.kid)).cipher.equals(kept.cipher)).toBe(true);

    // The thief has the old keystore and today's key-encryption key, but not the retired one.
    rmSync(join(old, 'kek-0001'));
    const thief = await openKeyRing({ dir: old, provider: localKeyProvider(dir), clock });
    await expect(thief.byId(1, erased.kid)).rejects.toThrow(KeyUnavailable);
    thief.close();
    rmSync(old, { recursive: true });
  });
});

/** The PKCS#11 provider against SoftHSM, in a token of the test's own. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyUnavailable } from '../errors.ts';
import { keyProviderOf } from './choose.ts';
import { pkcs11 } from './pkcs11.ts';
import type { Pkcs11Provider } from './pkcs11.ts';

const library = '/usr/lib/softhsm/libsofthsm2.so';
const pin = '2468013579';
let dir: string;
let one: Pkcs11Provider;
const made: Pkcs11Provider[] = [];

function provider(over: Partial<Parameters<typeof pkcs11>[0]> = {}): Pkcs11Provider {
  const found = pkcs11({
    module: library,
    token: 'afar',
    key: 'afar-kek',
    pin: () => pin,
    ...over,
  });
  made.push(found);
  return found;
}

// `npm test` installs softhsm2 where it may, and says SKIPPED where it may not: this line is the third to know.
describe.runIf(existsSync(library))('a PKCS#11 token', () => {
  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'afar-hsm-'));
    mkdirSync(join(dir, 'tokens'));
    writeFileSync(
      join(dir, 'softhsm2.conf'),
      `directories.tokendir = ${join(dir, 'tokens')}\nobjectstore.backend = file\nlog.level = ERROR\n`,
    );
    process.env.SOFTHSM2_CONF = join(dir, 'softhsm2.conf');
    execFileSync('softhsm2-util', [
      '--init-token',
      '--free',
      '--label',
      'afar',
      '--so-pin',
      '1357902468',
      '--pin',
      pin,
    ]);
    one = provider();
  });
  afterAll(() => {
    for (const each of made) each.close?.();
    delete process.env.SOFTHSM2_CONF;
    rmSync(dir, { recursive: true });
  });

  it('wraps with a key it makes, which never leaves the token, bound to the context', async () => {
    const plain = Buffer.alloc(32, 7);
    const wrapped = await one.wrap(plain, 'tenant 1 epoch 1');
    expect(one.versionOf!(wrapped)).toBe('1');
    expect((await one.unwrap(wrapped, 'tenant 1 epoch 1')).equals(plain)).toBe(true);
    await expect(one.unwrap(wrapped, 'tenant 2 epoch 1')).rejects.toThrow(KeyUnavailable);
    const broken = Buffer.from(wrapped);
    broken[20]! ^= 1;
    await expect(one.unwrap(broken, 'tenant 1 epoch 1')).rejects.toThrow(KeyUnavailable);
    // After a refusal the session goes on.
    expect((await one.unwrap(wrapped, 'tenant 1 epoch 1')).equals(plain)).toBe(true);
  });

  it('is opened by another process too, and makes no second first key', async () => {
    const wrapped = await one.wrap(Buffer.from('a'), 'x');
    expect((await provider().unwrap(wrapped, 'x')).toString()).toBe('a');
  });

  it('makes versions, destroys those before, and never the current one', async () => {
    const old = await one.wrap(Buffer.from('a'), 'x');
    expect(await one.advance!()).toBe('2');
    const young = await one.wrap(Buffer.from('b'), 'x');
    expect(one.versionOf!(young)).toBe('2');
    expect((await one.unwrap(old, 'x')).toString()).toBe('a');
    await expect(one.retire!('2')).rejects.toThrow(/current/);
    await one.retire!('1');
    await expect(one.unwrap(old, 'x')).rejects.toThrow(/not on the token/);
    expect((await one.unwrap(young, 'x')).toString()).toBe('b');
  });

  it('says what is wrong with a PIN, a token, a library; and never the PIN', async () => {
    const wrong = await provider({ pin: () => '0000' })
      .wrap(Buffer.from('a'), 'x')
      .catch(String);
    expect(wrong).toMatch(/PIN is wrong/);
    expect(wrong).not.toContain('0000');
    await expect(provider({ token: 'other' }).wrap(Buffer.from('a'), 'x')).rejects.toThrow(
      /no token labelled other/,
    );
    await expect(provider({ module: '/nowhere.so' }).wrap(Buffer.from('a'), 'x')).rejects.toThrow(
      KeyUnavailable,
    );
    const without = keyProviderOf(`pkcs11:${library}?token=afar`, { kekDir: dir, env: {} });
    await expect(without.wrap(Buffer.from('a'), 'x')).rejects.toThrow(/AFAR_KEK_PIN_FILE/);
  });

  it('outlives the death of its process: the next call has a new one', async () => {
    const wrapped = await one.wrap(Buffer.from('a'), 'x');
    const pid = one.pid();
    process.kill(pid!, 'SIGKILL');
    const after = await one.unwrap(wrapped, 'x').catch(() => one.unwrap(wrapped, 'x'));
    expect(after.toString()).toBe('a');
    expect(one.pid()).not.toBe(pid);
  });
});

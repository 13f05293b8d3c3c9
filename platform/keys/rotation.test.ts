/** Keys change hands: another provider, a new data key, new index keys; and copies of the keystore come back, or do not. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aad, open, seal, token } from '../seal/index.ts';
import { backupKeystore, localKeyProvider, openKeyRing, restoreKeystore } from './index.ts';
import type { KeyProvider, KeyRing, KeyRingOptions } from './index.ts';

let dir: string;
let now: number;
const clock = { now: () => now };
const rings: KeyRing[] = [];
const place = aad('x');

async function ring(options: Partial<KeyRingOptions> = {}): Promise<KeyRing> {
  const provider = localKeyProvider(join(dir, 'kek'));
  const made = await openKeyRing({ dir, provider, clock, noticeMs: 1_000, ...options });
  rings.push(made);
  return made;
}
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'afar-rotation-'));
  now = Date.UTC(2026, 10, 21);
});
afterEach(() => {
  for (const one of rings.splice(0)) one.close();
  rmSync(dir, { recursive: true, force: true });
});

describe('another provider', () => {
  it('takes over the keys; the one before is not asked any more', async () => {
    const before = localKeyProvider(join(dir, 'kek'));
    const one = await ring({ provider: before });
    const key = await one.reserve(1);
    let asked = 0;
    const former: KeyProvider = {
      ...before,
      unwrap: (wrapped, context) => (asked++, before.unwrap(wrapped, context)),
    };
    const provider: KeyProvider = { ...localKeyProvider(join(dir, 'other')), id: 'other' };
    const two = await ring({ provider, formerly: [former] });
    expect((await two.byId(1, key.kid)).cipher.equals(key.cipher)).toBe(true);
    expect(await two.admin.moveToProvider()).toBe(1);
    expect(asked).toBeGreaterThan(0);
    expect(two.admin.status(1).provider).toBe('other');
    const three = await ring({ provider });
    expect((await three.byId(1, key.kid)).cipher.equals(key.cipher)).toBe(true);
    const stale = await ring({ provider: before });
    await expect(stale.tenant(1)).rejects.toThrow(/other, which is not configured/);
  });
});

describe('new data keys', () => {
  it('seal at once, and what the old ones sealed opens, in every process', async () => {
    const one = await ring();
    const two = await ring();
    const first = await one.reserve(1);
    const sealed = seal('old', first, place);
    expect((await two.current(1, first.kid)).kid).toBe(first.kid);
    now += 10_000;
    expect(await one.admin.renew(1, [first.kid], now)).toBe(1);
    expect(await one.admin.renew(1, [first.kid], now), 'once').toBe(0);
    now += 1_000;
    const heads = await Promise.all([one, two].map((each) => each.current(1, first.kid)));
    expect(heads[0]!.kid).not.toBe(first.kid);
    expect(heads[1]!.kid).toBe(heads[0]!.kid);
    expect(two.currentCached(1, first.kid)?.kid).toBe(heads[0]!.kid);
    for (const each of [one, two])
      expect(open(sealed, await each.byId(1, first.kid), place).toString()).toBe('old');
    // What finds rows stays as it was.
    expect(heads[0]!.index.equals(first.index)).toBe(true);
    expect(heads[0]!.family).toBe(first.kid);
    expect(one.admin.oldKeys(1)).toMatchObject([{ kid: first.kid, family: first.kid }]);
    await one.admin.retire(1, [first.kid]);
    expect((await (await ring()).current(1, first.kid)).cipher.equals(heads[0]!.cipher)).toBe(true);
    await expect(one.admin.retire(1, [heads[0]!.kid])).rejects.toThrow(/not old/);
    // Erased by the name it always had.
    await one.erase(1, first.kid);
    await expect((await ring()).current(1, first.kid)).rejects.toMatchObject({ status: 410 });
    await expect(
      two
        .byId(1, heads[0]!.kid)
        .then(() => (now += 1_000))
        .then(() => two.byId(1, heads[0]!.kid)),
    ).rejects.toMatchObject({ status: 410 });
  });

  it('of a clinic are known everywhere before they seal, and open what it sealed before and after', async () => {
    const one = await ring();
    const two = await ring();
    const sealed = seal('old', await one.tenant(1), place);
    await two.tenant(1);
    await one.admin.prepareTenantKey(1);
    expect(await one.admin.prepareTenantKey(1), 'repeated').toBe(
      await one.admin.prepareTenantKey(1),
    );
    now += 1_000;
    const known = await two.tenant(1);
    one.admin.promoteTenantKey(1);
    const young = seal('new', await one.tenant(1), place);
    // Before it has noticed: it knows the key that is about to seal.
    expect(open(young, known, place).toString()).toBe('new');
    now += 1_000;
    const after = await two.tenant(1);
    expect(after.kid).toBe((await one.tenant(1)).kid);
    expect(open(sealed, after, place).toString()).toBe('old');
    expect(after.index.equals(known.index)).toBe(true);
  });

  it('survive new wrapping epochs, index keys with them', async () => {
    const one = await ring();
    const { kid } = await one.reserve(1);
    await one.admin.renew(1, [kid], now + 1);
    await one.admin.prepareIndex(1);
    const before = await one.current(1, kid);
    expect(await one.rotate(1)).toBe(2);
    const after = await (await ring()).current(1, kid);
    expect(after.cipher.equals(before.cipher)).toBe(true);
    expect(after.indexes.map((each, at) => each.equals(before.indexes[at]!))).toEqual([true, true]);
  });
});

describe('new index keys', () => {
  it('are searched beside the old ones, then written, then alone; sealing has no part in it', async () => {
    const one = await ring();
    const two = await ring();
    const key = await one.reserve(1);
    await two.byId(1, key.kid);
    const tokens = async (each: KeyRing) =>
      (await each.byId(1, key.kid)).indexes.map((index) => token(index, 'a'));
    const [old] = await tokens(one);
    await one.admin.prepareIndex(1);
    now += 1_000;
    const [writes, beside] = await tokens(two);
    expect(writes).toBe(old);
    expect(beside).not.toBe(old);
    one.admin.moveIndex(1, 'writing');
    now += 1_000;
    expect(await tokens(two)).toEqual([beside, old]);
    one.admin.moveIndex(1, 'settled');
    now += 1_000;
    expect(await tokens(two)).toEqual([beside]);
    const settled = await two.byId(1, key.kid);
    expect(settled.cipher.equals(key.cipher)).toBe(true);
    expect(token(settled.first, 'a'), 'what was named by the first keeps its name').toBe(old);
    expect(token(settled.others[0]!, 'a')).toBe(old);
    // A second rotation, and the key between is destroyed.
    await one.admin.prepareIndex(1);
    one.admin.moveIndex(1, 'writing');
    one.admin.moveIndex(1, 'settled');
    expect((await one.byId(1, key.kid)).others).toHaveLength(2);
    await one.admin.dropIndexes(1, true);
    expect((await one.byId(1, key.kid)).others).toHaveLength(1);
    expect(token((await one.byId(1, key.kid)).first, 'a')).toBe(old);
  });
});

describe('a copy of the keystore', () => {
  it('comes back whole, and not over another, altered, or under another provider', async () => {
    const one = await ring();
    const key = await one.reserve(1);
    const file = join(dir, 'copy');
    await backupKeystore(one.admin, file, now);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file).includes(key.kid)).toBe(false);
    expect(JSON.parse(one.admin.fact('backup')!)).toMatchObject({ epochs: { 1: 1 } });
    await expect(backupKeystore(one.admin, file, now)).rejects.toThrow(/already/);
    const provider = localKeyProvider(join(dir, 'kek'));
    await expect(restoreKeystore(dir, file, [provider])).rejects.toThrow(/move it away/);
    const back = join(dir, 'back');
    await restoreKeystore(back, file, [provider]);
    const two = await ring({ dir: back });
    expect((await two.byId(1, key.kid)).cipher.equals(key.cipher)).toBe(true);
    const bytes = readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(file, bytes);
    await expect(restoreKeystore(join(dir, 'b2'), file, [provider])).rejects.toThrow(/altered/);
    const stranger = { ...provider, id: 'other' };
    await expect(restoreKeystore(join(dir, 'b3'), file, [stranger])).rejects.toThrow(
      /not configured/,
    );
  });

  it('is of no use after an erasure, whose epoch has left it behind', async () => {
    const one = await ring();
    const erased = await one.reserve(1);
    const file = join(dir, 'copy');
    await backupKeystore(one.admin, file, now);
    const before = one.admin.kekVersions();
    await one.erase(1, erased.kid);
    await one.admin.advanceKek();
    await one.rotate(1);
    await one.admin.moveToProvider();
    await one.admin.retireKek([...before]);
    const provider = localKeyProvider(join(dir, 'kek'));
    await expect(restoreKeystore(join(dir, 'back'), file, [provider])).rejects.toThrow(/version 1/);
  });
});

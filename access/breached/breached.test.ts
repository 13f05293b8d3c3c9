/** The offline list of common passwords: every word of it is found, few others are, and a great list is built a page at a time. */
import { hash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBreached } from './breached.ts';
import { isIn, pageBytes, pageOf } from './filter.ts';
import { commonFilter, commonWords } from './generate.ts';
import { loadBreached } from './load.ts';

const sha1 = (text: string): Buffer => hash('sha1', text, 'buffer');
const file = join(import.meta.dirname, 'common.filter');

/** Asks as askFile does, of a file read once. */
function asker(path: string): (word: string) => boolean {
  const whole = readFileSync(path);
  const pages = whole.readUInt32LE(8);
  return (word) => {
    const at = (1 + pageOf(sha1(word), pages)) * pageBytes;
    return isIn(whole.subarray(at, at + pageBytes), sha1(word));
  };
}

describe('the list that comes along', () => {
  const has = asker(file);
  it('is what the script makes, and small', () => {
    const made = commonFilter();
    expect(readFileSync(file).equals(made)).toBe(true);
    expect(made.length).toBeLessThan(100_000);
  });

  it('has every word of its source', () => {
    const words = commonWords();
    expect(words.length).toBeGreaterThan(40_000);
    expect(words.filter((word) => !has(word))).toEqual([]);
  });

  it('takes fewer than one in a thousand others for its own', () => {
    const asked = 50_000;
    let wrong = 0;
    // The same words each time: a measurement, not a throw of dice.
    for (let n = 0; n < asked; n++) if (has(`not a word of it ${n}`)) wrong++;
    expect(wrong / asked).toBeLessThan(0.001);
  });

  const breached = createBreached();
  it.each([
    'password1234',
    'Password2026!',
    'P@ssw0rd12345',
    'dragondragon',
    '123456789012',
    'QWERTYUIOP12',
    '!!!!iloveyou!!!!',
  ])('knows %s', (word) => expect(breached.holds(word)).toBe(true));

  it.each(['blue lamp under nine stones', 'tH8#kkq-zz19-vvw', 'correct horse battery staple'])(
    'lets %s be',
    (word) => expect(breached.holds(word)).toBe(false),
  );
});

describe('a great list', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'afar-breached-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const lines = (words: string[]): string =>
    words
      .map((word) => sha1(word).toString('hex').toUpperCase())
      .sort()
      .map((hex, n) => `${hex}:${n + 1}\r\n`)
      .join('');

  it('is read whole, answers for each of its words, and for whole passwords alone', async () => {
    const words = Array.from({ length: 20_000 }, (_, n) => `leaked password ${n}`);
    const [from, to] = [join(folder, 'list.txt'), join(folder, 'breached.filter')];
    writeFileSync(from, lines(words));
    const loaded = await loadBreached(from, to);
    expect(loaded).toEqual({ words: 20_000, bytes: readFileSync(to).length });
    const has = asker(to);
    expect(words.filter((word) => !has(word))).toEqual([]);
    expect(Array.from({ length: 20_000 }, (_, n) => `${n} other`).filter(has).length).toBeLessThan(
      20,
    );
    expect(createBreached(to).holds('leaked password 7')).toBe(true);
    expect(createBreached().holds('leaked password 7')).toBe(false);
  });

  it('that is not in order, or no list, changes nothing', async () => {
    const [from, to] = [join(folder, 'list.txt'), join(folder, 'breached.filter')];
    writeFileSync(from, lines(['one', 'two', 'three']));
    await loadBreached(from, to);
    const before = readFileSync(to);
    writeFileSync(from, lines(['one', 'two', 'three']).split('\r\n').reverse().join('\r\n'));
    await expect(loadBreached(from, to)).rejects.toThrow('out of order');
    writeFileSync(from, 'hunter2\n');
    await expect(loadBreached(from, to)).rejects.toThrow('line 1');
    expect(readFileSync(to).equals(before)).toBe(true);
  });

  it('that was damaged is an error, not a password that may be used', () => {
    const to = join(folder, 'breached.filter');
    writeFileSync(to, 'AFAR');
    expect(() => createBreached(to).holds('blue lamp under nine stones')).toThrow(/cut short/);
    expect(createBreached(join(folder, 'none')).holds('blue lamp under nine stones')).toBe(false);
  });
});

/** Seals: what goes in comes out, and anything else is refused. */
import { createHash, createSecretKey, randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { freshKey } from '../keys/data-key.ts';
import { dictionary, DictionaryMissing, dictionaryName } from './dictionaries.ts';
import { aad, kidOf, open, seal, SealBroken, token, type AadPart } from './index.ts';

const key = freshKey(randomUUID(), randomBytes(32));
const place = aad(1, 'Observation', 'a-row', 3);

const part = fc.oneof(
  fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
  fc.maxSafeInteger(),
  fc.bigInt(),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
);

/** What two lists must share to be one list: a number and a bigint of one value are one part. */
const canonical = (parts: AadPart[]) =>
  JSON.stringify(
    parts.map((one) => {
      if (Buffer.isBuffer(one)) return ['bytes', one.toString('hex')];
      if (typeof one === 'number' || typeof one === 'bigint') return ['number', String(one)];
      return [typeof one, one];
    }),
  );

describe('seal and open', () => {
  it('give back what went in, of any length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), (bytes) => {
        const sealed = seal(Buffer.from(bytes), key, place);
        expect(open(sealed, key, place).equals(Buffer.from(bytes))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('give back text with any character', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(open(seal(text, key, place), key, place).toString()).toBe(text);
      }),
    );
  });

  it('refuse any flipped bit, wherever it is', () => {
    const sealed = seal('{"resourceType":"Patient","active":true}', key, place);
    for (let at = 0; at < sealed.length; at++) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1 << (at % 8);
      expect(() => open(changed, key, place)).toThrow(SealBroken);
    }
  });

  it('refuse any cut or lengthened value', () => {
    const sealed = seal('x'.repeat(1_000), key, place);
    for (let length = 0; length < sealed.length; length++)
      expect(() => open(sealed.subarray(0, length), key, place)).toThrow(SealBroken);
    expect(() => open(Buffer.concat([sealed, Buffer.alloc(128)]), key, place)).toThrow(SealBroken);
  });

  it('refuse any other place', () => {
    fc.assert(
      fc.property(fc.array(part), fc.array(part), (here, there) => {
        fc.pre(canonical(here) !== canonical(there));
        const sealed = seal('body', key, aad(...here));
        expect(() => open(sealed, key, aad(...there))).toThrow(SealBroken);
      }),
      { numRuns: 300 },
    );
  });

  it('refuse another key, even one that claims the same id', () => {
    const sealed = seal('body', key, place);
    const stranger = freshKey(randomUUID(), randomBytes(32));
    const impostor = freshKey(key.kid, randomBytes(32));
    expect(() => open(sealed, stranger, place)).toThrow(/another key/);
    expect(() => open(sealed, impostor, place)).toThrow(SealBroken);
  });

  it('name the key in the header, and never repeat a ciphertext', () => {
    const sealed = seal('body', key, place);
    expect(kidOf(sealed)).toBe(key.kid);
    expect(seal('body', key, place).equals(sealed)).toBe(false);
    expect(() => kidOf(randomBytes(400))).toThrow(SealBroken);
    expect(() => kidOf(Buffer.alloc(0))).toThrow(SealBroken);
  });

  it('show the length only in steps of 128 bytes', () => {
    const lengths = new Set<number>();
    for (let n = 0; n < 600; n++) lengths.add(seal(randomBytes(n), key, place).length - 53);
    expect([...lengths]).toEqual([128, 256, 384, 512, 640]);
  });

  it('hold nothing of the content, raw or inflated', () => {
    const sealed = seal('María García was here'.repeat(9), key, place);
    expect(sealed.includes('García')).toBe(false);
  });
});

describe('a dictionary', () => {
  it('that is missing is named', () => {
    expect(() => dictionary('0123456789abcdef')).toThrow(DictionaryMissing);
    expect(() => dictionary('0123456789abcdef')).toThrow(/0123456789abcdef/);
  });

  it('goes by its hash', () => {
    const content = Buffer.from('words');
    const whole = createHash('sha256').update(content).digest('hex');
    expect(whole.startsWith(dictionaryName(content))).toBe(true);
  });
});

describe('what a seal is bound to', () => {
  it('is never the same for two lists', () => {
    fc.assert(
      fc.property(fc.array(part), fc.array(part), (one, other) => {
        expect(aad(...one).equals(aad(...other))).toBe(canonical(one) === canonical(other));
      }),
      { numRuns: 1_000 },
    );
  });

  it('tells types, borders and counts apart', () => {
    const lists: AadPart[][] = [
      [],
      [''],
      [null],
      ['null'],
      [false],
      [0],
      ['0'],
      [Buffer.from('0')],
      ['a', 'b'],
      ['ab'],
      ['', 'ab'],
      ['a', 'b', null],
      [1, 2],
      [12],
    ];
    expect(new Set(lists.map((list) => aad(...list).toString('hex'))).size).toBe(lists.length);
    expect(aad(7).equals(aad(7n))).toBe(true);
  });

  it('takes no value that another could stand for', () => {
    expect(() => aad(Number.NaN)).toThrow(TypeError);
    expect(() => aad(Infinity)).toThrow(TypeError);
    expect(() => aad('\ud800')).toThrow(TypeError);
  });

  it('takes parts of any size', () => {
    const long = 'é'.repeat(100_000);
    expect(aad(long, 1).length).toBe(2 + 5 + 200_000 + 5 + 1);
    expect(aad(long, 1).equals(aad(long, 2))).toBe(false);
  });
});

describe('an index token', () => {
  const index = createSecretKey(Buffer.alloc(32, 7));

  it('is a signed 64-bit number, the same for the same parts under one key only', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (parts) => {
        const made = token(index, ...parts);
        expect(BigInt.asIntN(64, made)).toBe(made);
        expect(token(index, ...parts)).toBe(made);
        expect(token(key.index, ...parts)).not.toBe(made);
      }),
    );
  });

  it('keeps the borders between parts', () => {
    const made = [['a', 'b'], ['ab'], ['', 'ab'], ['1:a', 'b'], ['1', ':a1:b']].map((parts) =>
      token(index, ...parts),
    );
    expect(new Set(made).size).toBe(made.length);
  });
});

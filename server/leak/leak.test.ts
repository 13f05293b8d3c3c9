/** The scan itself: it finds what is planted, in every shape, and is silent over noise. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from 'node:zlib';
import type { Patient } from '@afar/fhir';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ourDictionaries, pglz } from './inflate.ts';
import { createMatcher } from './matcher.ts';
import { needlesOf, type Needle } from './needles.ts';
import { scanFiles } from './scan-files.ts';
import { search } from './search.ts';

const name: Needle = { text: "Siobhán O'Connell", from: 'test' };
const short: Needle = { text: 'Thúy5', from: 'test' };
const code: Needle = { text: '44054006', from: 'test' };
const matcher = createMatcher([name, short, code]);

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'afar-leak-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Bytes amid noise that ends before and begins after with a byte no text has. */
const amid = (bytes: Buffer) =>
  Buffer.concat([
    randomBytes(4_096),
    Buffer.from([0xff]),
    bytes,
    Buffer.from([0xff]),
    randomBytes(4_096),
  ]);

function foundIn(bytes: Buffer): string[] {
  writeFileSync(join(dir, 'file'), bytes);
  return scanFiles(dir, [], matcher).findings.map((one) => one.needle.text);
}

const swapped = (text: string) => Buffer.from(text, 'utf16le').swap16();
const sentence = (text: string) => `She is called ${text}, they say`;

const shapes: [string, (text: string) => Buffer][] = [
  ['clear', (text) => Buffer.from(text)],
  ['lower case', (text) => Buffer.from(text.toLowerCase())],
  ['upper case', (text) => Buffer.from(text.toUpperCase())],
  ['decomposed', (text) => Buffer.from(text.normalize('NFD'))],
  ['without accents', (text) => Buffer.from(text.normalize('NFD').replaceAll(/\p{M}/gu, ''))],
  ['Latin-1', (text) => Buffer.from(text, 'latin1')],
  ['UTF-16 LE', (text) => Buffer.from(text, 'utf16le')],
  ['UTF-16 BE', swapped],
  ['hex', (text) => Buffer.from(Buffer.from(text).toString('hex'))],
  ['HEX', (text) => Buffer.from(Buffer.from(text).toString('hex').toUpperCase())],
  ...[0, 1, 2].map((offset): [string, (text: string) => Buffer] => [
    `base64 at ${offset}`,
    (text) =>
      Buffer.from(Buffer.from(`${'x'.repeat(9 + offset)}${text}, they say`).toString('base64')),
  ]),
  ['base64url', (text) => Buffer.from(Buffer.from(sentence(text)).toString('base64url'))],
  ['gzip', (text) => gzipSync(sentence(text))],
  ['zlib', (text) => deflateSync(sentence(text))],
  ['zlib, fast', (text) => deflateSync(sentence(text), { level: 1 })],
  ['zstd', (text) => zstdCompressSync(sentence(text).repeat(3))],
];

describe('a planted text is found', () => {
  it.each(shapes)('as %s', (_, shape) => {
    expect(foundIn(amid(shape(name.text)))).toContain(name.text);
    expect(foundIn(amid(shape(short.text)))).toContain(short.text);
  });

  it('as JSON in ASCII', () => {
    expect(foundIn(amid(Buffer.from(String.raw`{"name":"Siobh\u00e1n O'Connell"}`)))).toHaveLength(
      1,
    );
  });

  it('in a value deflated raw, with our dictionary and without', () => {
    const [dictionary] = ourDictionaries();
    for (const value of [
      deflateRawSync(sentence(name.text)),
      deflateRawSync(sentence(name.text), { dictionary }),
    ]) {
      const found = [...search(matcher, value, true)];
      expect(found.map((one) => one.needle)).toContain(name);
    }
  });

  it('in the name of a file, and in a folder below', () => {
    mkdirSync(join(dir, 'a/b'), { recursive: true });
    writeFileSync(join(dir, 'a/b', `${name.text}.txt`), 'x');
    expect(scanFiles(dir, [], matcher).findings).toHaveLength(1);
  });

  it('across the border of two windows', () => {
    for (const at of [4_096, 8_192 - 5, 6_144 - 5, 12_288 - 9]) {
      const bytes = Buffer.alloc(20_000);
      bytes.write(name.text, at);
      writeFileSync(join(dir, 'file'), bytes);
      expect(scanFiles(dir, [], matcher, 8_192).findings.length).toBeGreaterThan(0);
    }
  });

  it('but not in what is exempt', () => {
    writeFileSync(join(dir, 'demo-accounts.json'), name.text);
    expect(scanFiles(dir, ['demo-accounts.json'], matcher).findings).toEqual([]);
    expect(scanFiles(dir, [], matcher).findings).toHaveLength(1);
  });
});

describe('noise is not taken for a text', () => {
  it('in random bytes, sealed or compressed', () => {
    const noise = randomBytes(8 * 1024 * 1024);
    expect(foundIn(noise)).toEqual([]);
    expect(foundIn(brotliCompressSync(noise.subarray(0, 100_000)))).toEqual([]);
  });

  it('in bytes that happen to copy from our dictionary', () => {
    const [dictionary] = ourDictionaries();
    const word = dictionary!.toString('latin1').slice(-60, -30);
    const looking = createMatcher([{ text: word, from: 'test' }]);
    const copied = deflateRawSync(word, { dictionary });
    expect(copied.length).toBeLessThan(15);
    expect([...search(looking, copied, true)]).toEqual([]);
  });

  it('in the fraction of a second, but after a full stop', () => {
    expect(foundIn(amid(Buffer.from('2026-11-21 20:19:12.44054006+00')))).toEqual([]);
    expect(foundIn(amid(Buffer.from('epoch 44054006.25')))).toEqual([]);
    expect(foundIn(amid(Buffer.from('The code. 44054006. It was meant')))).toEqual(['44054006']);
  });

  it('in a longer number, or in an id', () => {
    expect(foundIn(Buffer.from('[1440540061, 44054006]'))).toEqual(['44054006']);
    const looking = createMatcher([
      { text: '4548-4', from: 'test' },
      { text: '1992-08-01', from: 'test' },
    ]);
    const hits = (text: string) => looking.find(Buffer.from(text)).length;
    expect(hits('0192d3a1-4548-4abc-8def-0123456789ab')).toBe(0);
    expect(hits('{"code":"4548-4"}')).toBe(1);
    expect(hits('1992-08-01T00:00:00Z')).toBe(1);
  });
});

describe('the values PostgreSQL compresses', () => {
  it('are opened: literals, copies, long copies', () => {
    // Three literals, a copy of 3 from 3 back, a long copy of 18 + 6 from 6 back.
    const stream = Buffer.from([0b0001_1000, 97, 98, 99, 0x00, 3, 0x0f, 6, 6]);
    expect(pglz(stream, 30)?.toString()).toBe('abc'.repeat(10));
    expect(pglz(stream, 31)).toBeUndefined();
    expect(pglz(Buffer.from([0b1, 0x00, 9]), 3)).toBeUndefined();
  });
});

describe('what is looked for', () => {
  const patient: Patient = {
    resourceType: 'Patient',
    id: 'p1',
    text: { status: 'generated', div: '<div>Seen twice &amp; treated for gout</div>' },
    identifier: [{ system: 'urn:mrn', value: 'HL-204816' }],
    name: [{ family: 'Quiroga Beltrán', given: ['Tomás', 'Ana'] }],
    telecom: [{ system: 'phone', value: '+1 212 555 0142' }],
    birthDate: '1992-08-01',
    address: [{ line: ['611 Juniper Lantern Street'], city: 'Madrid' }],
    maritalStatus: {
      coding: [
        { system: 'http://terminology.hl7.org/CodeSystem/v3-MaritalStatus', code: 'Married' },
        { system: 'http://snomed.info/sct', code: '87915002', display: 'Married (finding)' },
      ],
    },
  };

  it('is every name, number, address line, date of birth, clinical code and text', () => {
    expect(
      needlesOf([patient], [{ text: 'Beatrix Holloway', from: 'account', name: true }])
        .map((one) => one.text)
        .toSorted(),
    ).toEqual(
      [
        '+1 212 555 0142',
        '12125550142',
        '1992-08-01',
        '712627200000',
        '611 Juniper Lantern Street',
        '87915002',
        'Beatrix',
        'Beatrix Holloway',
        'Beltrán',
        'HL-204816',
        'Holloway',
        'Married (finding)',
        'Quiroga',
        'Quiroga Beltrán',
        'Seen twice & treated for gout',
        'Tomás',
      ].toSorted(),
    );
  });

  it('says where each came from, never the text', () => {
    for (const { from, text } of needlesOf([patient])) {
      expect(from).toMatch(/^Patient\/p1 /);
      expect(from).not.toContain(text);
    }
  });
});

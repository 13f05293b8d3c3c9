/** Formats of the primitive types [FHIR R4 datatypes.html#primitive]. */
import { describe, expect, it } from 'vitest';
import { primitives } from './primitives.ts';

const good: Record<string, unknown[]> = {
  boolean: [true, false],
  integer: [0, -1, 2147483647],
  positiveInt: [1],
  unsignedInt: [0],
  decimal: [0, -1.5, 1e10],
  string: ['a', ' a\n', 'é'],
  code: ['a', 'a b', 'a-b'],
  id: ['a', 'A.b-1', 'x'.repeat(64)],
  uri: ['a', 'urn:x', 'http://a/b#c'],
  oid: ['urn:oid:1.2.840', 'urn:oid:0.0'],
  uuid: ['urn:uuid:c757873d-ec9a-4326-a141-556f43239520'],
  base64Binary: ['aGk=', 'aGkh', 'a Gk =\n'],
  date: ['2020', '2020-02', '2020-02-29', '0001'],
  dateTime: ['2020', '2020-02-29', '2020-01-01T00:00:00Z', '2020-01-01T23:59:60.123+14:00'],
  instant: ['2020-01-01T00:00:00Z', '2020-01-01T00:00:00.1-05:00'],
  time: ['00:00:00', '23:59:60.5'],
  xhtml: ['<div xmlns="http://www.w3.org/1999/xhtml"><p>on = 1</p></div>', '<div/>'],
  markdown: ['# a'],
};

const bad: Record<string, unknown[]> = {
  boolean: ['true', 0],
  integer: [1.5, '1', 2147483648, NaN],
  positiveInt: [0, -1],
  unsignedInt: [-1],
  decimal: ['1.0', NaN, Infinity],
  string: ['', 'a\u0000', 7],
  code: ['', ' a', 'a ', 'a  b'],
  id: ['', 'a_b', 'x'.repeat(65), 'a/b'],
  uri: ['', 'a b'],
  oid: ['urn:oid:3.1', 'urn:oid:1', '1.2', 'urn:oid:1.02'],
  uuid: ['urn:uuid:C757873D-EC9A-4326-A141-556F43239520', 'c757873d-ec9a-4326-a141-556f43239520'],
  base64Binary: ['', 'aGk', 'a===', 'aG=k', 'a*bc'],
  date: ['20', '2020-13', '2021-02-29', '2020-1-1', '2020-01-01T00:00:00Z', '0000'],
  dateTime: [
    '2020-01-01T10:00',
    '2020-01-01T10:00:00',
    '2020-01-01T24:00:00Z',
    '2020-01-01T10:00:00+15:00',
  ],
  instant: ['2020-01-01', '2020-01-01T10:00:00', '2021-02-29T10:00:00Z'],
  time: ['24:00:00', '10:00', '10:00:00Z'],
  xhtml: [
    'text',
    '<div><script>x</script></div>',
    '<div><img onerror="x"/></div>',
    '<div><a href="javascript:x">a</a></div>',
    '<p>a</p>',
  ],
  markdown: [''],
};

describe.each(Object.keys(good))('%s', (type) => {
  it.each(good[type]!.map((value) => [value]))('takes %j', (value) => {
    expect(primitives[type]!(value)).toBeUndefined();
  });
  it.each(bad[type]!.map((value) => [value]))('refuses %j', (value) => {
    expect(primitives[type]!(value)).toBeTypeOf('string');
  });
});

describe('hostile text', () => {
  it('is judged in linear time', () => {
    // 500 KB of what makes naive expressions backtrack; 1 s is a hundred times what is needed.
    const texts = {
      base64Binary: 'a '.repeat(250_000),
      code: 'a '.repeat(250_000),
      xhtml: `<div>${'< on'.repeat(125_000)}`,
      oid: `urn:oid:1${'.1'.repeat(250_000)}x`,
    };
    const start = performance.now();
    for (const [type, text] of Object.entries(texts)) primitives[type]!(text);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

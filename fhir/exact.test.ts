/** Decimals keep their precision [FHIR R4 datatypes.html#decimal]. */
import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { carryDecimal, carryDecimals, copyOf, parseExact } from './exact.ts';

const round = (text: string) => JSON.stringify(parseExact(text));

describe('a decimal comes back as it was written [FHIR R4 datatypes.html#decimal]', () => {
  it.each([
    '1.50',
    '1.00',
    '1',
    '-0.0',
    '-0',
    '0.00000001',
    '1e3',
    '1.20E-5',
    '3.14159265358979323846264338327950288',
    '9007199254740993',
    '100.000000000000000000',
    '1.5',
  ])('%s', (number) => {
    for (const text of [
      `{"valueQuantity":{"value":${number},"unit":"kg"}}`,
      `{"a":[${number},2,${number}]}`,
      `{"a":1,"b":${number}}`,
    ]) {
      expect(round(text)).toBe(text);
      expect(JSON.stringify(copyOf(parseExact(text)))).toBe(text);
    }
    expect(round(`{ "value" :\n\t${number}\n}`)).toBe(`{"value":${number}}`);
  });

  it('any number, anywhere', () => {
    const digits = fc.stringMatching(/^-?(?:0|[1-9]\d{0,20})(?:\.\d{1,20})?(?:[eE][+-]?\d{1,2})?$/);
    fc.assert(
      fc.property(digits, (number) => {
        expect(round(`{"a":[{"b":${number}}]}`)).toBe(`{"a":[{"b":${number}}]}`);
      }),
      { numRuns: 2000 },
    );
  });

  it('unless it was changed', () => {
    const one = parseExact('{"value":1.50}') as { value: number };
    one.value = 2;
    expect(JSON.stringify(one)).toBe('{"value":2}');
  });

  it('is an ordinary number meanwhile, and no key of its holder', () => {
    const one = parseExact('{"value":1.50}') as { value: number };
    expect([one.value, Object.keys(one), 'value' in { ...one }]).toEqual([1.5, ['value'], true]);
    expect(structuredClone(one)).toEqual({ value: 1.5 });
  });

  it('in a shallow copy that carries it, and put elsewhere by hand', () => {
    const one = parseExact('{"factorOverride":1.50,"id":"a"}') as Record<string, unknown>;
    expect(JSON.stringify(carryDecimals(one, { ...one, id: 'b' }))).toBe(
      '{"factorOverride":1.50,"id":"b"}',
    );
    const other = { value: 1.5 };
    carryDecimal(one, 'factorOverride', other, 'value');
    expect(JSON.stringify(other)).toBe('{"value":1.50}');
  });

  it('in strings is left alone', () => {
    const text = '{"a":"x: 1.50, [2.0]","b":"-0 "}';
    expect(round(text)).toBe(text);
  });
});

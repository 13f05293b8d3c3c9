/** Conversions between units of measure, and what hostile unit texts cost. */
import { describe, expect, it } from 'vitest';
import { loadUnits } from './units.ts';

const units = await loadUnits();
const at = (value: number, from: string, to: string) =>
  units.convert({ low: value, high: value }, from, to)?.low;

describe('[UCUM 2.1]', () => {
  it.each([
    [61_000, 'g', 'kg', 61],
    [60_500, 'g', 'kg', 60.5],
    [1, '[lb_av]', 'kg', 0.45359237],
    [98.6, '[degF]', 'Cel', 37],
    [37, 'Cel', '[degF]', 98.6],
    [0, 'Cel', 'K', 273.15],
    [120, 'mm[Hg]', 'kPa', 15.99864],
    [5, '10*3/uL', '10*9/L', 5],
    [1, 'h', 'min', 60],
    [90, '/min', '/s', 1.5],
    [100, '%', '1', 1],
  ])('%d %s in %s', (value, from, to, expected) => {
    expect(at(value, from, to)).toBeCloseTo(expected, 8);
  });

  it.each([
    ['kg', 'm'],
    ['mg/dL', 'mmol/L'],
    ['kg', 'parsnips'],
    ['KG', 'kg'],
    ['', 'kg'],
  ])('%s and %s do not measure the same thing', (from, to) => {
    expect(at(1, from, to)).toBeUndefined();
  });

  it('turns ends round where more of one is less of the other', () => {
    const range = units.convert({ low: 7, high: Infinity }, '[pH]', 'mol/L');
    expect(range?.low).toBe(-Infinity);
    expect(range?.high).toBeCloseTo(1e-7, 12);
  });
});

it('hostile unit texts are no units', () => {
  for (let i = 0; i < 300; i++) {
    for (const bad of [
      '('.repeat(i),
      'm.'.repeat(i),
      `m${i}/`.repeat(30),
      'x'.repeat(1e5),
      '10*'.repeat(i),
    ]) {
      expect(at(1, bad, 'kg')).toBeUndefined();
    }
  }
});

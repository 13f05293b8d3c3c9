/** Places: what counts as one, what says enough, and which licence reaches it. */
import { expect, it } from 'vitest';
import { countries, isPlace, isWhere, placeOf, reaches, regions } from './places.ts';

it('knows 249 countries, each once [ISO 3166-1]', () => {
  expect(new Set(countries).size).toBe(249);
  expect(countries).toHaveLength(249);
});

it.each(['ES', 'US', 'US-NY', 'ES-MD', 'CA-QC'])('%s is a place', (code) => {
  expect(isPlace(code)).toBe(true);
});
it.each(['', 'es', 'XX', 'US-ZZ', 'US-', 'US-NEWYORK', 'US-NY ', "US-NY'", 7, null, 'US-toString'])(
  '%s is none',
  (code) => {
    expect(isPlace(code)).toBe(false);
  },
);

it('a country that licenses by region says too little alone', () => {
  expect(['US', 'CA', 'ES', 'US-NY'].map((one) => isWhere(one))).toEqual([
    false,
    false,
    true,
    true,
  ]);
  expect(Object.keys(regions)).toEqual(['US', 'CA']);
});

it("a country's licence reaches its regions, a region's neither the country nor a neighbour", () => {
  expect(reaches('ES', 'ES-MD')).toBe(true);
  expect(reaches('US-NY', 'US-NY')).toBe(true);
  expect(reaches('US-NY', 'US')).toBe(false);
  expect(reaches('US-NY', 'US-NJ')).toBe(false);
  expect(reaches('E', 'ES')).toBe(false);
});

it('reads the codes of an address and guesses at no names', () => {
  expect(placeOf({ country: 'us', state: 'NY' })).toBe('US-NY');
  expect(placeOf({ country: 'ES', state: 'Madrid' })).toBe('ES');
  expect(placeOf({ country: 'US', state: 'New York' })).toBe('US-NY');
  expect(placeOf({ country: 'US', state: 'Gotham' })).toBeUndefined();
  expect(placeOf({ country: 'Spain' })).toBeUndefined();
  expect(placeOf(undefined)).toBeUndefined();
});

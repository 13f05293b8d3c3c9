/** Age in the unit a clinician uses. */
import { expect, it } from 'vitest';
import { ageOf } from './age.ts';

const now = Date.UTC(2026, 10, 21, 12);

it.each([
  ['2026-11-20', { unit: 'days', count: 1 }],
  ['2026-10-20', { unit: 'weeks', count: 4 }],
  ['2025-12-22', { unit: 'months', count: 10 }],
  ['1990-11-22', { unit: 'years', count: 35 }],
  ['1990-11-21', { unit: 'years', count: 36 }],
  ['1990', { unit: 'years', count: 36 }],
  ['2027-01-01', undefined],
  ['unknown', undefined],
])('%s', (birthDate, age) => {
  expect(ageOf(birthDate, now)).toEqual(age);
});

/** The number to call, by where one is. */
import { expect, it } from 'vitest';
import { emergencyNumber } from './emergency.ts';

it('knows the numbers of the zones our clinics are in, and 112 elsewhere', () => {
  expect(
    ['America/New_York', 'Europe/Madrid', 'Europe/London', 'Asia/Tokyo', 'Africa/Lagos'].map(
      emergencyNumber,
    ),
  ).toEqual(['911', '112', '999', '119', '112']);
});

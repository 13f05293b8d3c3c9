/** Names of places. */
import { expect, it } from 'vitest';
import { placeName } from './place-name.ts';

it('names countries in the reader’s language, regions as they call themselves', () => {
  expect(placeName('ES', 'es')).toBe('España');
  expect(placeName('US-NY', 'en')).toBe('New York, United States');
  expect(placeName('ES-MD', 'en')).toBe('MD, Spain');
});

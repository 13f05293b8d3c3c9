/** Dates of a record read the same wherever the reader is. */
import { expect, it } from 'vitest';
import { fhirDateText } from './fhir-date.ts';

it.each([
  ['2018', '2018'],
  ['2018-12', 'Dec 2018'],
  ['2018-12-14', 'Dec 14, 2018'],
  ['2018-12-14T03:00:00Z', 'Dec 13, 2018'],
])('%s west of Greenwich is %s', (value, text) => {
  expect(fhirDateText(value, 'America/Los_Angeles', 'en')).toBe(text);
});

/** A summary is promised for two weeks after a visit and no longer. */
import { expect, it } from 'vitest';
import { summaryMayCome } from './summary-due.ts';

it('a visit of last week may still get its summary, one of last year will not', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  expect(summaryMayCome('2026-11-14T12:00:00Z', now)).toBe(true);
  expect(summaryMayCome('2026-11-07T11:00:00Z', now)).toBe(false);
  expect(summaryMayCome('2025-05-22T14:00:00Z', now)).toBe(false);
});

/** A refusal is told for what it is. */
import { expect, it } from 'vitest';
import { ApiError } from './api.ts';
import { kindOf } from './trouble.tsx';

it.each([
  [503, 'read-only', 'locked'],
  [503, 'closed', 'locked'],
  [503, 'unavailable', 'busy'],
  [403, 'licence-required', 'licence'],
  [403, 'forbidden', 'forbidden'],
])('%d %s is told as %s', (status, code, kind) => {
  const issue = { severity: 'error', code: 'processing', details: { coding: [{ code }] } };
  expect(kindOf(new ApiError(status, [issue]))).toBe(kind);
});

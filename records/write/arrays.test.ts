/** Array literals as PostgreSQL reads them. */
import { expect, it } from 'vitest';
import { lists, plain, quoted } from './arrays.ts';

it('writes plain values, quoted text and lists in lists', () => {
  expect(plain([1, 'a-b', null, true])).toBe('{1,a-b,NULL,true}');
  expect(quoted(['a', 'say "no", \\ or {yes}'])).toBe('{"a","say \\"no\\", \\\\ or {yes}"}');
  expect(lists([[1, 2], [], ['x']])).toBe('{"{1,2}","{}","{x}"}');
});

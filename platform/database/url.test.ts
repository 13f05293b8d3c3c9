/** Connection strings for another role or database keep the rest of themselves. */
import { expect, it } from 'vitest';
import { databaseUrl, socketUrl } from './url.ts';

it.each([
  ['postgres://a:b@db:5433/one?sslmode=require', 'postgres://u:p%40@db:5433/two?sslmode=require'],
  ['postgresql://db/one', 'postgresql://u:p%40@db/two'],
  ['postgres://a:b@/one?host=%2Frun', 'postgres://u:p%40@/two?host=%2Frun'],
  ['postgres://db/one?user=x&password=y', 'postgres://u:p%40@db/two'],
])('%s', (base, wanted) => {
  expect(databaseUrl(base, { user: 'u', password: 'p@', database: 'two' })).toBe(wanted);
});

it('keeps the login when only the database changes', () => {
  expect(databaseUrl('postgres://a:b@db/one', { database: 'two' })).toBe('postgres://a:b@db/two');
});

it('does not repeat a text that is no URL: it may hold a password', () => {
  expect(() => databaseUrl('hunter2', {})).toThrow(/must look like/);
  expect(() => databaseUrl('hunter2', {})).not.toThrow(/hunter2/);
});

it('a socket folder with odd characters survives', () => {
  expect(socketUrl('/a b/c,d', 'u', 'p', 'x')).toBe(
    'postgres://u:p@/x?host=%2Fa+b%2Fc%2Cd&port=5432',
  );
});

/** So much at a time, in order, seats first. */
import { expect, it } from 'vitest';
import { createTurnstile } from './turnstile.ts';

it('lets so many in and no more, the others in order, those who would lose a seat first', async () => {
  const turnstile = createTurnstile(2);
  const ran: string[] = [];
  let inside = 0;
  let most = 0;
  const open: (() => void)[] = [];
  const work = (name: string, first = false) =>
    turnstile.pass(async () => {
      most = Math.max(most, ++inside);
      ran.push(name);
      await new Promise<void>((done) => open.push(done));
      inside -= 1;
    }, first);
  const all = [work('a'), work('b'), work('c'), work('d'), work('renewal', true)];
  expect(turnstile.waiting).toBe(3);
  while (ran.length < 5 || open.length) {
    open.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await Promise.all(all);
  expect(ran).toEqual(['a', 'b', 'renewal', 'c', 'd']);
  expect(most).toBe(2);
  expect(turnstile.waiting).toBe(0);
});

it('goes on after one that failed', async () => {
  const turnstile = createTurnstile(1);
  const broken = turnstile.pass(() => Promise.reject(new Error('down')));
  const next = turnstile.pass(() => Promise.resolve('up'));
  await expect(broken).rejects.toThrow('down');
  expect(await next).toBe('up');
});

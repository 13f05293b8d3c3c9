/** When a call goes blind, and when it sees again. */
import { expect, it } from 'vitest';
import { Watchdog } from './watchdog.ts';

const counts = (received: number, opened: number) => ({
  audio: { received: 0, opened: 0, refused: 0, sealed: 0 },
  video: { received, opened, refused: received - opened, sealed: 0 },
});

it('is blind after 2 s of frames of which none opens', () => {
  const dog = new Watchdog();
  expect(dog.look(counts(10, 10), 0)).toBe('seeing');
  expect(dog.look(counts(20, 10), 1000)).toBe('waiting');
  expect(dog.look(counts(30, 10), 2500)).toBe('waiting');
  expect(dog.look(counts(40, 10), 3000)).toBe('blind');
  expect(dog.look(counts(50, 11), 3250)).toBe('seeing');
});

it('does not mistake silence for blindness', () => {
  const dog = new Watchdog();
  dog.look(counts(10, 10), 0);
  expect(dog.look(counts(10, 10), 9000)).toBe('waiting');
});

it('gives up on mending after 12 s', () => {
  const dog = new Watchdog();
  for (let now = 0; now < 12_000; now += 250) dog.look(counts(now / 10 + 1, 0), now);
  expect(dog.look(counts(9999, 0), 12_000)).toBe('still-blind');
});

it('knows when a decoder got frames that were never opened', () => {
  const dog = new Watchdog();
  dog.look(counts(100, 100), 0);
  expect(dog.decodedInTheClear(130)).toBe(false);
  expect(dog.decodedInTheClear(161)).toBe(true);
  // What was opened under earlier keys excuses nothing under new ones.
  dog.reset();
  expect(dog.decodedInTheClear(61)).toBe(true);
});

it('starts its patience anew with new keys', () => {
  const dog = new Watchdog();
  dog.look(counts(1, 0), 0);
  dog.reset();
  expect(dog.look(counts(2, 0), 2500)).toBe('waiting');
});

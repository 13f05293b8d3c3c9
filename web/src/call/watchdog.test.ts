/** When a call goes blind, and when it sees again. */
import { expect, it } from 'vitest';
import { noCounts } from './frame-messages.ts';
import { ClearGuard, Watchdog } from './watchdog.ts';

const counts = (received: number, opened: number, voices = 0) => ({
  ...noCounts(),
  audio: { received: voices, opened: voices, refused: 0 },
  video: { received, opened, refused: received - opened },
});

it('is blind after 2 s of frames of which none opens', () => {
  const dog = new Watchdog();
  expect(dog.look(counts(10, 10), 0)).toBe('seeing');
  expect(dog.look(counts(20, 10), 1000)).toBe('waiting');
  expect(dog.look(counts(30, 10), 2500)).toBe('waiting');
  expect(dog.look(counts(40, 10), 3000)).toBe('blind');
  expect(dog.look(counts(50, 11), 3250)).toBe('seeing');
});

it('is blind to a picture that does not open, though the voice does', () => {
  const dog = new Watchdog();
  expect(dog.look(counts(10, 0, 50), 0)).toBe('seeing');
  expect(dog.look(counts(40, 0, 150), 2500)).toBe('blind');
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
  const guard = new ClearGuard();
  guard.opened(100);
  expect(guard.decodedInTheClear(130)).toBe(false);
  expect(guard.decodedInTheClear(161)).toBe(true);
  // What was opened under earlier keys excuses nothing under new ones.
  guard.reset();
  expect(guard.decodedInTheClear(61)).toBe(true);
});

it('starts its patience anew with new keys', () => {
  const dog = new Watchdog();
  dog.look(counts(1, 0), 0);
  dog.reset();
  expect(dog.look(counts(2, 0), 2500)).toBe('waiting');
});

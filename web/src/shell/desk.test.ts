/** The desk: when it warns, when it ends, and what a wrong clock must not do. */
import { expect, it } from 'vitest';
import { deskState, warnMs } from './desk.ts';

const idleMs = 30 * 60_000;
const start = 1_800_000_000_000;
const at = (ms: number, expiresAt = start + 10 * 3_600_000) =>
  deskState(start + ms, { active: start, idleMs, expiresAt }, () => undefined);

it('warns a minute before the idle end, counts down, and ends', () => {
  expect(at(idleMs - warnMs - 1).at).toBe('busy');
  expect(at(idleMs - warnMs)).toMatchObject({ at: 'idle', seconds: 60 });
  expect(at(idleMs - 1)).toMatchObject({ at: 'idle', seconds: 1 });
  expect(at(idleMs).at).toBe('over');
});

it('tells the last minute of a session, and nothing where the clock is wrong', () => {
  expect(at(0, start + warnMs)).toEqual({ at: 'ending', seconds: 60 });
  expect(at(0, start + warnMs + 1).at).toBe('busy');
  expect(at(0, start - 3_600_000).at).toBe('busy');
});

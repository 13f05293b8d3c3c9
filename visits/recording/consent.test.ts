/** The rule of a recording: everybody or nothing. */
import { describe, expect, it } from 'vitest';
import { silent, type Seat } from '../room/seats.ts';
import { missingOf, spansAfter, stateAfter } from './consent.ts';

const seat = (person: string, over: Partial<Seat> = {}): Seat => ({
  person,
  role: 'guest',
  kind: 'relative',
  peer: `peer of ${person}`,
  session: 1,
  seated: true,
  connection: 'c',
  lease_until: 100,
  media: silent,
  whispers: [],
  ...over,
});

describe('who is missing', () => {
  it('whoever sits there and has not said yes, an observer too; not who left', () => {
    const seats = [
      seat('a'),
      seat('b'),
      seat('c', { kind: 'observer' }),
      seat('d', { seated: false }),
      seat('e', { lease_until: 50 }),
    ];
    const said = new Map([
      ['a', true],
      ['b', false],
    ]);
    expect(missingOf(seats, said, 50)).toEqual(['peer of b', 'peer of c']);
  });

  it('asking before the first yes of all, paused after it, on when nobody is missing, stopped by any no', () => {
    expect(stateAfter({ spans: [] }, ['b'], false)).toBe('asking');
    expect(stateAfter({ spans: [{ from: 1 }] }, ['b'], false)).toBe('paused');
    expect(stateAfter({ spans: [] }, [], false)).toBe('on');
    expect(stateAfter({ spans: [{ from: 1 }] }, [], true)).toBe('stopped');
  });
});

it('spans begin and end with the state, and only then', () => {
  const begun = spansAfter([], 'on', 10);
  expect(begun).toEqual([{ from: 10 }]);
  expect(spansAfter(begun, 'on', 20)).toEqual(begun);
  const paused = spansAfter(begun, 'paused', 20);
  expect(paused).toEqual([{ from: 10, until: 20 }]);
  expect(spansAfter(paused, 'stopped', 30)).toEqual(paused);
  expect(spansAfter(paused, 'on', 30)).toEqual([{ from: 10, until: 20 }, { from: 30 }]);
});

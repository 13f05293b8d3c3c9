/** Who stands where in a room of many. */
import { describe, expect, it } from 'vitest';
import type { RemotePerson } from '../link-state.ts';
import { arrange, placesOf } from './arrangement.ts';
import { initials, nameOf, roleWord } from './names.ts';

/** Streams are only passed on: none is needed to arrange tiles. */
const stream = {} as MediaStream;

const person = (peer: string, more: Partial<RemotePerson> = {}): RemotePerson => ({
  peer,
  role: 'guest',
  peerRole: 'answer',
  session: 1,
  seated: true,
  present: true,
  media: { camera: true, microphone: true, screen: false, audioOnly: false },
  stream,
  blind: false,
  speaking: false,
  ...more,
});
const three = [person('a'), person('b'), person('c')];
const wide = { pinned: undefined, speaker: 'b', narrow: false };

describe('the tiles', () => {
  it('are alike for few on a wide screen', () => {
    const found = arrange(three, wide);
    expect(found.large).toBeUndefined();
    expect([found.places.length, found.columns]).toEqual([3, 2]);
  });

  it('show who speaks large on a phone, and among many', () => {
    expect(arrange(three, { ...wide, narrow: true }).large?.id).toBe('b');
    const seven = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((peer) => person(peer));
    expect(arrange(seven, wide).large?.id).toBe('b');
    expect(arrange(seven, { ...wide, speaker: undefined }).large?.id).toBe('a');
  });

  it('show a shared screen large, and what was pinned before it', () => {
    const sharing = [person('a'), person('b', { screen: stream })];
    expect(arrange(sharing, wide).large?.id).toBe('b-screen');
    expect(arrange(sharing, { ...wide, pinned: 'a' }).large?.id).toBe('a');
    expect(arrange(sharing, { ...wide, pinned: 'gone' }).large?.id).toBe('b-screen');
  });

  it('are not for observers, nor for seats that nobody has', () => {
    const room = [person('a'), person('o', { hidden: true }), person('x', { seated: false })];
    expect(placesOf(room).map(({ id }) => id)).toEqual(['a']);
  });
});

describe('names', () => {
  const patient = { role: 'patient', otherName: 'Dr Vera Lind' } as const;
  it('are those of the invitation, and of the visit for its two', () => {
    expect(nameOf({ role: 'guest', as: 'interpreter', name: 'Ana' }, patient)).toBe('Ana');
    expect(nameOf({ role: 'clinician' }, patient)).toBe('Dr Vera Lind');
    expect(nameOf({ role: 'patient' }, { role: 'guest', otherName: 'Dr Lind' })).toBeUndefined();
    expect(nameOf({ role: 'patient' }, { role: 'clinician', otherName: 'Mo' })).toBe('Mo');
  });

  it('have roles and initials', () => {
    expect(roleWord({ role: 'guest', as: 'observer' })).toBe('observer');
    expect(roleWord({ role: 'clinician' })).toBe('clinician');
    expect(initials('Dr. Vera Lind')).toBe('VL');
  });
});

/** Where a call stands: phases, who is heard, when a word is heeded. */
import type { Peer as Seat } from '@afar/visits/contract';
import { describe, expect, it } from 'vitest';
import {
  asideTo,
  firstOf,
  heardNow,
  isGroup,
  isWithout,
  phaseAfter,
  type RemotePerson,
  timeOf,
} from './link-state.ts';

const seat = (peer: string, session = 1): Seat => ({
  peer,
  session,
  role: 'guest',
  as: 'relative',
  seated: true,
  present: true,
  peerRole: 'answer',
  media: { camera: true, microphone: true, screen: false, audioOnly: false },
});
const person = (peer: string, speaking = false): RemotePerson => ({
  ...seat(peer),
  stream: undefined as unknown as MediaStream,
  blind: false,
  speaking,
});

describe('who is heard', () => {
  const people = [person('ann', true), person('ben')];

  it('is drawn when it changes, and not else', () => {
    expect(heardNow({ people, speaker: 'ann' }, new Set(['ann']), 'ann')).toBeUndefined();
    expect(heardNow({ people, speaker: 'ann' }, new Set(['ann']), undefined)).toBeUndefined();
    expect(heardNow({ people: [] }, new Set(), undefined)).toBeUndefined();
    const both = heardNow({ people, speaker: 'ann' }, new Set(['ann', 'ben']), 'ann');
    expect(both?.people.map((one) => one.speaking)).toEqual([true, true]);
  });

  it('keeps who spoke last while nobody speaks', () => {
    const silent = heardNow({ people, speaker: 'ann' }, new Set(), undefined);
    expect(silent?.people.some((one) => one.speaking)).toBe(false);
    expect(silent).not.toHaveProperty('speaker');
    expect(heardNow({ people, speaker: 'ann' }, new Set(['ann']), 'ben')?.speaker).toBe('ben');
  });
});

describe('the phase that follows', () => {
  it('is securing until media flows, mending after it did, alone with nobody', () => {
    const now = { epoch: 2, seated: 1, flows: false };
    expect(phaseAfter('joining', { ...now, epoch: 0, seated: 0 })).toBe('joining');
    expect(phaseAfter('joining', { ...now, seated: 0 })).toBe('alone');
    expect(phaseAfter('alone', now)).toBe('securing');
    expect(phaseAfter('securing', { ...now, flows: true })).toBe('live');
    expect(phaseAfter('live', now)).toBe('mending');
    expect(phaseAfter('mending', now)).toBe('mending');
    expect(phaseAfter('live', { ...now, seated: 0, flows: true })).toBe('alone');
  });
});

describe('when a word is heeded', () => {
  it('waits for the roster that shows the session, and forgets one that is over', () => {
    const roster = [seat('ann', 3)];
    expect(timeOf({ from: 'ann', session: 3 }, roster)).toBe('now');
    expect(timeOf({ from: 'ann', session: 4 }, roster)).toBe('later');
    expect(timeOf({ from: 'ben', session: 1 }, roster)).toBe('later');
    expect(timeOf({ from: 'ann', session: 2 }, roster)).toBe('never');
  });
});

describe('speaking aside', () => {
  const state = {
    engine: 'sfu' as const,
    own: { ...seat('sue'), whispersTo: ['doc', 'gone'] },
    people: [person('doc'), person('ann'), { ...person('gone'), seated: false }],
  };

  it('is to those one may speak to and who are here, by an engine that keeps it from the others', () => {
    expect(asideTo(state).map(({ peer }) => peer)).toEqual(['doc']);
    expect(asideTo({ ...state, engine: 'p2p' })).toEqual([]);
    expect(asideTo({ ...state, engine: 'livekit' })).toEqual([]);
    expect(asideTo({ ...state, own: seat('sue') })).toEqual([]);
  });
});

describe('who is shown as whom', () => {
  const own: Seat = { ...seat('doc'), role: 'clinician' };
  const patient: RemotePerson = { ...person('pat'), role: 'patient' };
  const relative = person('rel');
  const observer: RemotePerson = { ...person('obs'), hidden: true };

  it.each([
    ['the patient', [patient], false, false, 'pat'],
    ['the patient and a relative', [relative, patient], true, false, 'pat'],
    ['a relative alone', [relative], true, true, 'rel'],
    ['a relative, the patient away', [relative, { ...patient, seated: false }], true, true, 'rel'],
    ['an observer alone', [observer], true, true, undefined],
    ['nobody', [], false, false, undefined],
  ])('with %s', (_who, people, group, without, first) => {
    expect(isGroup({ own, people })).toBe(group);
    expect(isWithout({ own, people })).toBe(without);
    const seated = people.filter((one) => one.seated);
    expect(firstOf(own, seated)?.peer).toBe(first);
  });

  it('for a guest the other one is the clinician', () => {
    const guest = seat('rel');
    expect(isGroup({ own: guest, people: [patient] })).toBe(true);
    expect(isGroup({ own: guest, people: [{ ...person('doc'), role: 'clinician' }] })).toBe(false);
  });
});

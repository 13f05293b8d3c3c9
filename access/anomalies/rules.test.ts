/** What an event counts for, and for whom nothing is counted. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nobody, systemId } from '../caller.ts';
import { networkOf, signalsOf } from './rules.ts';

const noon = Date.UTC(2026, 10, 21, 12);
const event = {
  id: randomUUID() as string,
  who: randomUUID() as string,
  role: 'practitioner',
  at: noon,
  outcome: 0,
  patients: [randomUUID(), randomUUID()] as string[],
  purpose: 'TREAT',
  action: 'search-type',
};
const rules = (over: Partial<typeof event> = {}, ip?: string): string[] =>
  signalsOf({ ...event, ...over }, ip === undefined ? undefined : { ip }, 'secret').map(
    ({ rule }) => rule,
  );

describe('signals', () => {
  it('each disclosed patient is one', () => {
    expect(signalsOf(event, undefined, '')).toEqual(
      event.patients.map((item) => ({ rule: 'many-patients', item })),
    );
  });
  it('what was refused or failed discloses nobody', () => {
    expect(rules({ outcome: 4 })).toEqual(['refusals']);
    expect(rules({ outcome: 8 })).toEqual([]);
  });
  it('break-glass is counted besides', () => {
    expect(rules({ purpose: 'ETREAT', patients: [randomUUID()] })).toEqual([
      'many-patients',
      'break-glass-burst',
    ]);
  });
  it.each([
    [21, 59, false],
    [22, 0, true],
    [23, 59, true],
    [5, 59, true],
    [6, 0, false],
  ])('%i:%i is night: %s', (hour, minute, night) => {
    const at = Date.UTC(2026, 10, 21, hour, minute);
    expect(rules({ at }).includes('night')).toBe(night);
    expect(rules({ at, role: 'patient' }).includes('night')).toBe(false);
  });
  it('a whole chart is an export', () => {
    expect(rules({ action: 'everything', patients: [] })).toEqual(['exports']);
  });
  it.each<[string, { who?: string; role?: string }]>([
    ['nobody', { who: nobody }],
    ['the house', { who: systemId }],
    ['a program', { role: 'system' }],
  ])('none of %s', (_who, over) => {
    expect(rules({ ...over, outcome: 4 })).toEqual([]);
    expect(rules(over, '192.0.2.1')).toEqual([]);
  });
  it('a place is a network, not an address, and cannot be read from its item', () => {
    const place = (ip: string, secret = 'secret') =>
      signalsOf({ ...event, patients: [] }, { ip }, secret)[0]!.item;
    expect(place('192.0.2.1')).toBe(place('192.0.77.9'));
    expect(place('192.0.2.1')).not.toBe(place('198.51.100.1'));
    expect(place('192.0.2.1')).not.toBe(place('192.0.2.1', 'another'));
  });
});

it.each([
  ['192.0.2.7', '192.0'],
  ['::ffff:192.0.2.7', '192.0'],
  ['2001:db8:1::7', '2001:0db8'],
  ['2001:DB8:ffff:1:2:3:4:5', '2001:0db8'],
  ['::1', '0000:0000'],
  ['fe80::1%eth0', 'fe80:0000'],
])('the network of %s', (ip, network) => expect(networkOf(ip)).toBe(network));

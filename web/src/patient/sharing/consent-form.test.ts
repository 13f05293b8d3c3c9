/** A choice becomes a Consent that says the same again. */
import { describe, expect, it } from 'vitest';
import { consentOf, saidBy, shutsOut } from './consent-form.ts';
import { kindsOf } from './kinds.ts';

const who = { reference: 'Practitioner/1', name: 'Dr Ruiz' };
const now = new Date('2026-11-22T10:00:00Z');

describe('a choice', () => {
  it('of a person, some kinds and a day', () => {
    const consent = consentOf(
      { type: 'permit', who, what: ['results', 'vaccines'], until: '2026-12-24' },
      'p1',
      'Patient/p1',
      now,
    );
    expect(consent).toMatchObject({
      status: 'active',
      patient: { reference: 'Patient/p1' },
      performer: [{ reference: 'Patient/p1' }],
    });
    const said = saidBy(consent)!;
    expect(said).toMatchObject({
      type: 'permit',
      who: ['Dr Ruiz'],
      references: ['Practitioner/1'],
      until: '2026-12-24',
    });
    expect(kindsOf(said.types)).toEqual({ kinds: ['results', 'vaccines'], others: [] });
    expect(said.types).toContain('Patient');
  });

  it('of everybody and everything names nobody and nothing', () => {
    const { provision } = consentOf({ type: 'deny', what: [] }, 'p1', 'Patient/p1', now);
    expect(provision).toEqual({ type: 'deny' });
  });
});

it('a consent of several rules has no one line', () => {
  expect(
    saidBy({
      resourceType: 'Consent',
      status: 'active',
      scope: {},
      category: [],
      provision: { provision: [{ type: 'deny' }] },
    }),
  ).toBeUndefined();
});

it('who is shut out is told from who is not', () => {
  const deny = (over: object) =>
    consentOf({ type: 'deny', what: [], ...over }, 'p1', 'Patient/p1', now);
  const at = now.getTime();
  expect(shutsOut([deny({ who })], 'Practitioner/1', at)).toBe(true);
  expect(shutsOut([deny({ who })], 'Practitioner/2', at)).toBe(false);
  expect(shutsOut([deny({})], 'Practitioner/2', at)).toBe(true);
  expect(shutsOut([deny({ who, what: ['results'] })], 'Practitioner/1', at)).toBe(false);
  expect(shutsOut([deny({ who, until: '2026-11-22' })], 'Practitioner/1', at)).toBe(true);
  expect(shutsOut([deny({ who, until: '2026-11-21' })], 'Practitioner/1', at)).toBe(false);
});

/** Who may not sign: what trainees and residents write waits for another, and what waits is not there for the patient. */
import type { Composition, DiagnosticReport, MedicationRequest, Resource } from '@afar/fhir';
import { describe, expect, it } from 'vitest';
import { callerFor, type Role } from './caller.ts';
import { mayWrite, scopeAllows } from './may-write.ts';

const id = (n: number): string => `018f0000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const me = { type: 'Practitioner' as const, id: id(1) };
const self = { reference: `Practitioner/${me.id}` };
const other = { reference: `Practitioner/${id(2)}` };
const subject = { reference: `Patient/${id(9)}` };
const by = (role: Role) => callerFor(role, { fhirUser: me });

const note = (over: Partial<Composition> = {}): Composition => ({
  resourceType: 'Composition',
  status: 'preliminary',
  type: { text: 'note' },
  subject,
  date: '2026-11-21T09:00:00Z',
  author: [self],
  title: 'Note',
  ...over,
});
const signed = note({
  status: 'final',
  author: [other],
  attester: [{ mode: 'professional', party: other }],
});
const report = (over: Partial<DiagnosticReport> = {}): DiagnosticReport => ({
  resourceType: 'DiagnosticReport',
  status: 'preliminary',
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code: 'CT' }] }],
  code: { text: 'CT of the chest' },
  subject,
  ...over,
});
const prescription = (over: Partial<MedicationRequest> = {}): MedicationRequest => ({
  resourceType: 'MedicationRequest',
  status: 'draft',
  intent: 'order',
  medicationCodeableConcept: { text: 'amoxicillin' },
  subject,
  ...over,
});

describe('a trainee', () => {
  it.each<[string, Resource, Resource?]>([
    ['a note that waits', note()],
    ['the same again', note(), note()],
    ['a draft of a prescription', prescription()],
    ['a report that waits', report()],
    ['a note taken back', note({ status: 'entered-in-error' }), note()],
    ['a draft taken back', prescription({ status: 'cancelled' }), prescription()],
  ])('writes %s', (_what, after, before) =>
    expect(mayWrite(by('trainee'), before, after)).toBeUndefined(),
  );

  it.each<[string, Resource, Resource?]>([
    ['a signed note', note({ status: 'final' })],
    ['an attested one', note({ attester: [{ mode: 'professional', party: self }] })],
    ["one in her supervisor's name", note({ author: [other] })],
    [
      'one her supervisor attests, as she says',
      note({ attester: [{ mode: 'professional', party: other }] }),
    ],
    ['her own note, final now', note({ status: 'final' }), note()],
    ['what was signed', note(), signed],
    ['an amendment of what was signed', note({ status: 'amended' }), note({ status: 'final' })],
    ['an order', prescription({ status: 'active' })],
    ['her own draft, an order now', prescription({ status: 'active' }), prescription()],
    ['an order, back to a draft', prescription(), prescription({ status: 'active' })],
    ['an order she stops', prescription({ status: 'stopped' }), prescription({ status: 'active' })],
    ['a final report', report({ status: 'final' })],
    [
      'a document that is final',
      { resourceType: 'DocumentReference', status: 'current', docStatus: 'final', content: [] },
    ],
    [
      'a document that says nothing of it',
      { resourceType: 'DocumentReference', status: 'current', content: [] },
    ],
  ])('does not write %s', (_what, after, before) =>
    expect(mayWrite(by('trainee'), before, after)).toMatchObject({ code: 'forbidden' }),
  );

  it("'s supervisor signs what she wrote, in her own name alone", () => {
    const after = note({ status: 'final', attester: [{ mode: 'professional', party: self }] });
    expect(mayWrite(by('practitioner'), note({ author: [other] }), after)).toBeUndefined();
    const forged = note({ status: 'final', attester: [{ mode: 'professional', party: other }] });
    expect(mayWrite(by('practitioner'), note(), forged)).toMatchObject({ code: 'forbidden' });
  });
});

describe('a note that waits', () => {
  it.each(['patient', 'guest'] as const)('is not there for a %s', (role) => {
    for (const verb of ['read', 'vread', 'history', 'search'] as const) {
      expect(scopeAllows(by(role), verb, note())).toBe(false);
      expect(scopeAllows(by(role), verb, signed)).toBe(true);
    }
  });
  it('is there for those who care', () => {
    for (const role of ['practitioner', 'nurse', 'trainee'] as const)
      expect(scopeAllows(by(role), 'read', note())).toBe(true);
  });
});

describe('a resident', () => {
  it('drafts reports of images, and no others', () => {
    const resident = by('resident');
    expect(mayWrite(resident, undefined, report())).toBeUndefined();
    const lab = report({
      category: [
        { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code: 'LAB' }] },
      ],
    });
    const bare = report();
    delete bare.category;
    for (const foreign of [lab, bare]) {
      expect(mayWrite(resident, undefined, foreign)).toMatchObject({ code: 'forbidden' });
      expect(mayWrite(resident, foreign, report())).toMatchObject({ code: 'forbidden' });
      expect(mayWrite(resident, report(), foreign)).toMatchObject({ code: 'forbidden' });
      expect(scopeAllows(resident, 'read', foreign)).toBe(false);
    }
    expect(mayWrite(resident, report(), report({ status: 'final' }))).toMatchObject({
      code: 'forbidden',
    });
  });
});

describe('a pharmacist', () => {
  it('sees what was signed as an order, no draft and no plan', () => {
    const pharmacist = by('pharmacist');
    expect(scopeAllows(pharmacist, 'read', prescription({ status: 'active' }))).toBe(true);
    expect(scopeAllows(pharmacist, 'read', prescription({ status: 'cancelled' }))).toBe(true);
    expect(scopeAllows(pharmacist, 'read', prescription())).toBe(false);
    expect(
      scopeAllows(pharmacist, 'read', prescription({ status: 'active', intent: 'plan' })),
    ).toBe(false);
  });
});

/** A Consent becomes rules: what it permits, shuts, spares, and what is refused because nobody could follow it. */
import { describe, expect, it } from 'vitest';
import { Refusal, type Consent, type ConsentProvision } from '@afar/fhir';
import { callerFor } from '../caller.ts';
import { openEnd } from '../period.ts';
import { compileConsent, consents, decides } from './compile.ts';
import { confidentiality, actCode } from './labels.ts';
import { purposesServing, purposesWriting } from './purposes.ts';

const id = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const [patient, doctor, other, clinic, proxy, note] = [1, 2, 3, 4, 5, 6].map(id) as [
  string,
  string,
  string,
  string,
  string,
  string,
];
const now = Date.parse('2026-11-22T12:00:00Z');
const author = callerFor('patient', { fhirUser: { type: 'Patient', id: patient } });

const actor = (type: string, of: string): ConsentProvision['actor'] => [
  { role: { text: 'may see' }, reference: { reference: `${type}/${of}` } },
];
const consent = (provision?: ConsentProvision, over: Partial<Consent> = {}): Consent => ({
  resourceType: 'Consent',
  id: id(9),
  status: 'active',
  scope: {
    coding: [
      { system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'patient-privacy' },
    ],
  },
  category: [{ text: 'privacy' }],
  patient: { reference: `Patient/${patient}` },
  ...(provision && { provision }),
  ...over,
});
const compiled = (provision?: ConsentProvision, over?: Partial<Consent>) =>
  compileConsent(consent(provision, over), author, now);
const refused = (provision: ConsentProvision): string[] => {
  try {
    compiled(provision);
  } catch (error) {
    if (error instanceof Refusal && error.status === 422)
      return error.outcome.issue.map((one) => one.expression![0]!);
    throw error;
  }
  return [];
};

describe('a permit', () => {
  it('grants the chart for care, for its period, by the name of the consent', () => {
    const { grants, denials } = compiled({
      type: 'permit',
      actor: actor('Practitioner', doctor),
      period: { start: '2026-12-01', end: '2026-12-31' },
    });
    expect(denials).toEqual([]);
    expect(grants).toEqual([
      {
        principal: doctor,
        patient,
        class: 'chart',
        purpose: 'TREAT',
        source: `Consent/${id(9)}`,
        starts: Date.parse('2026-12-01'),
        ends: Date.parse('2027-01-01'),
      },
    ]);
  });

  it('grants types, or single things, for a purpose', () => {
    const types = compiled({
      type: 'permit',
      actor: actor('Organization', clinic),
      class: [{ code: 'Observation' }, { code: 'Condition' }],
      purpose: [{ code: 'HRESCH' }],
    });
    expect(types.grants.map((one) => [one.class, one.purpose, one.principal])).toEqual([
      ['Observation', 'HRESCH', clinic],
      ['Condition', 'HRESCH', clinic],
    ]);
    const rows = compiled({
      type: 'permit',
      actor: actor('RelatedPerson', proxy),
      data: [{ meaning: 'instance', reference: { reference: `DocumentReference/${note}` } }],
    });
    expect(rows.grants.map((one) => [one.class, one.purpose])).toEqual([
      [`DocumentReference/${note}`, 'FAMRQT'],
    ]);
  });

  it('is not given to everybody, nor by what it cannot tell apart', () => {
    expect(refused({ type: 'permit' })).toEqual(['Consent.provision.actor']);
    expect(
      refused({
        type: 'permit',
        actor: actor('Practitioner', doctor),
        securityLabel: [{ system: actCode, code: 'PSY' }],
      }),
    ).toEqual(['Consent.provision.securityLabel']);
  });

  it('that has ended, or was asked back and not confirmed, lets nobody in', () => {
    const permit: ConsentProvision = { type: 'permit', actor: actor('Practitioner', doctor) };
    expect(compiled({ ...permit, period: { end: '2026-11-01' } }).grants).toEqual([]);
    expect(compiled(permit, { verification: [{ verified: false }] }).grants).toEqual([]);
    expect(compiled(permit, { verification: [{ verified: true }] }).grants).toHaveLength(1);
  });

  it('with an exception shuts that again, for the same people', () => {
    const { grants, denials } = compiled({
      type: 'permit',
      actor: actor('Practitioner', doctor),
      provision: [{ type: 'deny', class: [{ code: 'Observation' }] }],
    });
    expect(grants).toHaveLength(1);
    expect(denials).toMatchObject([{ principal: doctor, type: 'Observation', spares: false }]);
  });
});

describe('a denial', () => {
  it('shuts everybody, one person, a type, a single thing, a purpose', () => {
    expect(compiled({ type: 'deny' }).denials).toEqual([
      { patient, starts: 0, ends: openEnd, rule: 1, spares: false, firm: false },
    ]);
    expect(
      compiled({
        type: 'deny',
        actor: actor('Practitioner', doctor),
        purpose: [{ code: 'HPAYMT' }],
        data: [{ meaning: 'instance', reference: { reference: `Observation/${note}` } }],
      }).denials,
    ).toMatchObject([
      { principal: doctor, purpose: 'HPAYMT', type: 'Observation', rid: note, firm: true },
    ]);
  });

  it('by label shuts what is above it, and what is narrower; V stands in an emergency', () => {
    const codes = (system: string, code: string) =>
      compiled({ type: 'deny', securityLabel: [{ system, code }] }).denials.map(
        (one) => `${one.label!.code}${one.firm ? '!' : ''}`,
      );
    expect(codes(confidentiality, 'R')).toEqual(['R', 'V!']);
    expect(codes(actCode, 'MH')).toEqual(['MH', 'PSY', 'PSYTHPN']);
    expect(codes('http://house.example', 'VIP')).toEqual(['VIP']);
  });

  it('spares whom its exceptions name, who are shut out again by theirs', () => {
    const { grants, denials } = compiled({
      type: 'deny',
      provision: [
        {
          type: 'permit',
          actor: actor('Practitioner', doctor),
          provision: [{ type: 'deny', class: [{ code: 'Condition' }] }],
        },
      ],
    });
    // To be spared is not to be let in.
    expect(grants).toEqual([]);
    expect(denials.map((one) => [one.rule, one.spares, one.principal, one.type])).toEqual([
      [1, false, undefined, undefined],
      [1, true, doctor, undefined],
      [2, false, doctor, 'Condition'],
    ]);
  });

  it('of everybody by a proxy does not shut out the proxy; the patient shuts out nobody of herself', () => {
    const mother = callerFor('patient', { fhirUser: { type: 'RelatedPerson', id: proxy } });
    const { denials } = compileConsent(consent({ type: 'deny' }), mother, now);
    expect(denials.map((one) => [one.principal, one.spares])).toEqual([
      [undefined, false],
      [proxy, true],
    ]);
    expect(refused({ type: 'deny', actor: actor('Patient', patient) })).toEqual([
      'Consent.provision.actor',
    ]);
  });

  it('of emergencies is refused: what must stay shut is labelled', () => {
    for (const code of ['ETREAT', 'BTG', 'ERTREAT'])
      expect(refused({ type: 'deny', purpose: [{ code }] })).toEqual([
        'Consent.provision.purpose[0]',
      ]);
  });
});

describe('what cannot be followed is refused, every fault at once', () => {
  it.each<[string, ConsentProvision]>([
    ['Consent.provision.code', { type: 'deny', code: [{ text: 'my divorce' }] }],
    ['Consent.provision.dataPeriod', { type: 'deny', dataPeriod: { start: '2020' } }],
    ['Consent.provision.action', { type: 'deny', action: [{ coding: [{ code: 'correct' }] }] }],
    ['Consent.provision.class[0]', { type: 'deny', class: [{ code: 'Practitioner' }] }],
    [
      'Consent.provision.class[0]',
      { type: 'deny', class: [{ system: 'http://loinc.org', code: '34133-9' }] },
    ],
    ['Consent.provision.purpose[0]', { type: 'deny', purpose: [{ code: 'FUN' }] }],
    ['Consent.provision.actor[0].reference', { type: 'deny', actor: actor('Group', other) }],
    [
      'Consent.provision.data[0].meaning',
      {
        type: 'deny',
        data: [{ meaning: 'related', reference: { reference: `Observation/${note}` } }],
      },
    ],
    ['Consent.provision.modifierExtension', { type: 'deny', modifierExtension: [{ url: 'x:y' }] }],
    ['Consent.provision.provision[0].type', { type: 'deny', provision: [{ type: 'deny' }] }],
    ['Consent.provision.period', { type: 'deny', period: { start: '2027', end: '2026' } }],
    ['Consent.provision.type', {}],
  ])('%s', (at, provision) => {
    expect(refused(provision)).toContain(at);
  });

  it('an actor whom nobody here is, alone, does not become everybody', () => {
    const stranger = [{ role: { text: 'x' }, reference: { reference: 'https://elsewhere/1' } }];
    expect(refused({ type: 'deny', actor: stranger })).toContain(
      'Consent.provision.actor[0].reference',
    );
  });

  it('one that comes to more rules than a look at a chart can pass', () => {
    const many = Array.from({ length: 30 }, (_, n) => ({ code: `X${n}`, system: 'x:y' }));
    const people = Array.from({ length: 30 }, (_, n) => actor('Practitioner', id(100 + n))![0]!);
    expect(refused({ type: 'deny', securityLabel: many, actor: people })).toEqual([
      'Consent.provision',
    ]);
    const nested = (depth: number): ConsentProvision => ({
      type: depth % 2 ? 'permit' : 'deny',
      actor: actor('Practitioner', doctor),
      ...(depth < 20 && { provision: [nested(depth + 1)] }),
    });
    expect(refused(nested(0))).toHaveLength(1);
  });
});

describe('a consent decides', () => {
  it('only while active, and only of privacy', () => {
    for (const status of ['draft', 'proposed', 'rejected', 'inactive', 'entered-in-error'] as const)
      expect(compiled({ type: 'deny' }, { status })).toEqual({ grants: [], denials: [] });
    const treatment = { coding: [{ code: 'treatment' }] };
    expect(decides(consent({ type: 'deny' }, { scope: treatment }))).toBe(false);
  });

  it('by its policy where the root says nothing: OPTOUT shuts all but the exceptions', () => {
    const policyRule = { coding: [{ code: 'OPTOUT' }] };
    expect(compiled(undefined, { policyRule }).denials).toHaveLength(1);
    const { denials } = compiled(
      { provision: [{ type: 'permit', actor: actor('Practitioner', doctor) }] },
      { policyRule },
    );
    expect(denials.map((one) => one.spares)).toEqual([false, true]);
    expect(compiled(undefined).denials).toEqual([]);
  });

  it('on the word of the patient, of who speaks for her, and of the house', () => {
    const nurse = callerFor('nurse', { fhirUser: { type: 'Practitioner', id: doctor } });
    const bea = callerFor('patient', { fhirUser: { type: 'Patient', id: other } });
    const mother = callerFor('patient', { fhirUser: { type: 'RelatedPerson', id: proxy } });
    expect(consents(author, patient, false)).toBe(true);
    expect(consents(callerFor('system'), patient, false)).toBe(true);
    expect(consents(mother, patient, true)).toBe(true);
    for (const one of [nurse, bea, mother]) expect(consents(one, patient, false)).toBe(false);
  });
});

describe('purposes [HL7 v3 PurposeOfUse]', () => {
  it('serve what is narrower, never what is something else', () => {
    expect(purposesServing('HRESCH')).toEqual(['HRESCH']);
    expect(purposesServing('CLINTRCH')).toEqual(['CLINTRCH', 'HRESCH']);
    expect(purposesServing('TREAT')).toEqual(['TREAT', 'ETREAT']);
    expect(purposesServing('PATRQT')).toContain('FAMRQT');
    expect(purposesServing('made up')).toEqual([]);
  });
  it('let nobody write but for care and in the patient’s name', () => {
    expect(purposesWriting('HRESCH')).toEqual([]);
    expect(purposesWriting('TREAT')).toEqual(['TREAT', 'ETREAT']);
  });
});

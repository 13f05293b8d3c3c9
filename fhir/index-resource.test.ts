/** What can be found in a resource. */
import type { Observation, Resource } from '@medplum/fhirtypes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { patient } from './fixtures/patient.ts';
import { fold, index, resourceTypes, searchParams } from './index.ts';

const of = (resource: object, kind: keyof ReturnType<typeof index>, param: string): object[] =>
  index(resource as Resource)
    [kind].filter((one) => one.param === param)
    .map((one) => without(one, 'param'));

function without(from: object, name: string): object {
  return Object.fromEntries(Object.entries(from).filter(([key]) => key !== name));
}

const observation: Observation = {
  resourceType: 'Observation',
  id: 'o1',
  status: 'final',
  code: {
    text: 'Pulse',
    coding: [{ system: 'http://loinc.org', code: '8867-4', display: 'Heart rate' }],
  },
  subject: { reference: 'Patient/p1/_history/3' },
  performer: [
    { reference: 'https://other.example/fhir/Practitioner/9/_history/1' },
    { reference: '#inside' },
    { identifier: { system: 'npi', value: '1' } },
    { reference: 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a' },
  ],
};

describe('tokens [FHIR R4 search.html#token]', () => {
  it('come from concepts with text, bound codes with their system, identifiers, contacts, booleans', () => {
    expect(of(observation, 'tokens', 'code')).toEqual([
      { system: 'http://loinc.org', code: '8867-4', text: 'Heart rate' },
      { text: 'Pulse' },
    ]);
    expect(of(observation, 'tokens', 'status')).toEqual([
      { system: 'http://hl7.org/fhir/observation-status', code: 'final' },
    ]);
    expect(of(patient, 'tokens', 'identifier')).toEqual([
      { system: 'https://clinic.example/mrn', code: 'M-1' },
    ]);
    expect(of(patient, 'tokens', 'email')).toEqual([{ system: 'email', code: 'zoe@example.org' }]);
    expect(of(patient, 'tokens', 'phone')).toEqual([{ system: 'phone', code: '+1 555 0100' }]);
    expect(of(patient, 'tokens', 'active')).toEqual([{ code: 'true' }]);
    expect(of(patient, 'tokens', '_id')).toEqual([{ code: 'p1' }]);
  });

  it('say whether a patient has died [FHIR R4 patient.html#search]', () => {
    expect(of(patient, 'tokens', 'deceased')).toEqual([{ code: 'false' }]);
    expect(of({ ...patient, deceasedBoolean: false }, 'tokens', 'deceased')).toEqual([
      { code: 'false' },
    ]);
    expect(of({ ...patient, deceasedDateTime: '2020' }, 'tokens', 'deceased')).toEqual([
      { code: 'true' },
    ]);
  });
});

describe('references [FHIR R4 search.html#reference]', () => {
  it('are relative, absolute, urn or logical; versions dropped, local ones left out', () => {
    expect(of(observation, 'references', 'subject')).toEqual([{ type: 'Patient', id: 'p1' }]);
    expect(of(observation, 'references', 'performer')).toEqual([
      { url: 'https://other.example/fhir/Practitioner/9' },
      { identifier: { system: 'npi', value: '1' } },
      { url: 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a' },
    ]);
  });

  it('`patient` holds only what leads to a Patient', () => {
    expect(of(observation, 'references', 'patient')).toEqual([{ type: 'Patient', id: 'p1' }]);
    expect(
      of({ ...observation, subject: { reference: 'Group/1' } }, 'references', 'patient'),
    ).toEqual([]);
    expect(
      of(
        { ...observation, subject: { reference: 'urn:uuid:1', type: 'Patient' } },
        'references',
        'patient',
      ),
    ).toEqual([{ url: 'urn:uuid:1' }]);
  });

  it('keep the version of a canonical apart from its address', () => {
    const response = {
      resourceType: 'QuestionnaireResponse',
      status: 'completed',
      questionnaire: 'http://q|2',
    };
    expect(of(response, 'references', 'questionnaire')).toEqual([
      { url: 'http://q', version: '2' },
    ]);
  });
});

describe('dates [FHIR R4 search.html#date]', () => {
  it('are intervals, open where a period is', () => {
    expect(of({ ...observation, effectiveDateTime: '2026-01' }, 'dates', 'date')).toEqual([
      { start: Date.UTC(2026, 0), end: Date.UTC(2026, 1) },
    ]);
    expect(of({ ...observation, effectivePeriod: { start: '2026' } }, 'dates', 'date')).toEqual([
      { start: Date.UTC(2026, 0), end: Infinity },
    ]);
    expect(of({ ...observation, effectivePeriod: { end: '2026' } }, 'dates', 'date')).toEqual([
      { start: -Infinity, end: Date.UTC(2027, 0) },
    ]);
    expect(
      of({ ...observation, effectiveTiming: { event: ['2026-03', '2026-01'] } }, 'dates', 'date'),
    ).toEqual([{ start: Date.UTC(2026, 0), end: Date.UTC(2026, 3) }]);
    expect(of({ ...observation, effectivePeriod: { id: 'x' } }, 'dates', 'date')).toEqual([]);
  });
});

describe('strings, numbers, quantities, uris', () => {
  it('strings take names and addresses apart', () => {
    expect(of(patient, 'strings', 'name')).toEqual([
      { value: 'Ångström' },
      { value: 'Zoë' },
      { value: 'Q' },
    ]);
    expect(of(patient, 'strings', 'address')).toContainEqual({ value: 'Springfield' });
    expect(of(patient, 'strings', 'address-postalcode')).toEqual([{ value: '01000' }]);
  });

  it('quantities know comparators, ranges, samples and money', () => {
    const value = (more: object): object[] =>
      of({ ...observation, ...more }, 'quantities', 'value-quantity');
    const unit = { unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' };
    expect(value({ valueQuantity: { value: 61, ...unit } })).toEqual([
      { low: 61, high: 61, ...unit },
    ]);
    expect(value({ valueQuantity: { value: 5, comparator: '<=' } })).toEqual([
      { low: -Infinity, high: 5 },
    ]);
    expect(
      value({
        valueSampledData: {
          origin: { value: 10 },
          factor: 2,
          period: 1,
          dimensions: 1,
          data: '1 E -3 U',
        },
      }),
    ).toEqual([{ low: 4, high: 12 }]);
    expect(
      of(
        { resourceType: 'Invoice', totalNet: { value: 9.5, currency: 'EUR' } },
        'quantities',
        'totalnet',
      ),
    ).toEqual([{ low: 9.5, high: 9.5, system: 'urn:iso:std:iso:4217', code: 'EUR' }]);
    expect(
      of(
        { resourceType: 'RiskAssessment', prediction: [{ probabilityDecimal: 0.2 }] },
        'numbers',
        'probability',
      ),
    ).toEqual([{ low: 0.2, high: 0.2 }]);
  });

  it('uris are kept with and without version', () => {
    expect(of({ ...patient, meta: { profile: ['http://p|1'] } }, 'uris', '_profile')).toEqual([
      { value: 'http://p|1' },
      { value: 'http://p' },
    ]);
  });
});

describe('composites match inside one component [FHIR R4 search.html#combining]', () => {
  it('pair code and value of the same component', () => {
    const part = (code: string, value: number): object => ({
      code: { coding: [{ code }] },
      valueQuantity: { value },
    });
    const pressure = {
      ...observation,
      component: [part('8480-6', 120), part('8462-4', 80)],
    } as unknown as Observation;
    const { composite } = searchParams('Observation').get('component-code-value-quantity')!;
    const pairs = composite!
      .roots(pressure)
      .map((root) => composite!.components.map((one) => one.find(root, pressure).length));
    expect(pairs).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(
      searchParams('Observation').get('combo-code-value-quantity')!.composite!.roots(pressure),
    ).toHaveLength(3);
  });
});

describe('every type', () => {
  it('has parameters, and an empty resource of it can be indexed', () => {
    for (const resourceType of resourceTypes) {
      expect(searchParams(resourceType).has('_id')).toBe(true);
      expect(index({ resourceType } as Resource).references).toEqual([]);
    }
    expect(searchParams('Nothing').size).toBe(0);
  });
});

describe('fold', () => {
  it.each([
    ['Ångström', 'angstrom'],
    ['  Zoë   Q ', 'zoe q'],
    ['STRASSE', 'strasse'],
    ['Straße', 'strasse'],
    ['Łódź', 'lodz'],
    ['Ñandú', 'nandu'],
    ['İstanbul', 'istanbul'],
    ['李', '李'],
    ['ﬁ', 'fi'],
  ])('%j becomes %j', (text, folded) => expect(fold(text)).toBe(folded));

  it('is idempotent and blind to case and composition', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(fold(fold(text))).toBe(fold(text));
        expect(fold(text.normalize('NFD'))).toBe(fold(text.normalize('NFC')));
      }),
    );
  });
});

/** The last word on a candidate: token forms, strings, references, numbers with their precision, composites. */
import { createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Criterion, Observation, Patient, Resource } from '@afar/fhir';
import { parseQuery, Refusal } from '@afar/fhir';
import { compile } from './compile.ts';
import { docOf } from './page.ts';

const now = Date.UTC(2026, 10, 21);
const key = createSecretKey(Buffer.alloc(32));

/** Asks the verifier of a query's only clause. */
function answers(resource: Resource, name: string, value: string): boolean {
  const { clauses } = parseQuery(resource.resourceType, [[name, value]], { strict: true });
  const on = {
    type: resource.resourceType,
    now,
    tenantKey: { index: key, indexes: [key] } as never,
    // No keys: whatever the index could say is left out, the body alone answers.
    reach: { keys: [], bounded: false, perChart: false },
    ridOf: (_: string, id: string) => id,
  };
  const part = compile(clauses[0] as Criterion, on);
  const json = Buffer.from(JSON.stringify(resource));
  const stored = { resource, json, type: resource.resourceType, id: resource.id, updated: now };
  return part.verify(docOf(stored as never));
}

const weight: Observation = {
  resourceType: 'Observation',
  id: 'o',
  status: 'final',
  code: {
    coding: [{ system: 'http://loinc.org', code: '29463-7', display: 'Body weight' }],
    text: 'Weight measured at home',
  },
  category: [{ coding: [{ code: 'vital-signs' }] }],
  subject: { reference: 'Patient/p', identifier: { system: 'urn:mrn', value: '7' } },
  effectiveDateTime: '2020-05-05T10:00:00Z',
  valueQuantity: { value: 61.2, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  component: [
    {
      code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
      valueQuantity: { value: 120, code: 'mm[Hg]', system: 'http://unitsofmeasure.org' },
    },
    {
      code: { coding: [{ system: 'http://loinc.org', code: '8462-4' }] },
      valueQuantity: { value: 80, code: 'mm[Hg]', system: 'http://unitsofmeasure.org' },
    },
  ],
};
const person: Patient = {
  resourceType: 'Patient',
  id: 'p',
  active: true,
  name: [{ family: 'Casares', given: ['José María'] }],
  telecom: [{ system: 'phone', value: '+1 (555) 010-2030' }],
  birthDate: '1974-02-01',
};

describe('token [FHIR R4 search.html#token]', () => {
  it.each([
    ['code', '29463-7', true],
    ['code', 'http://loinc.org|29463-7', true],
    ['code', 'http://other|29463-7', false],
    ['code', '|29463-7', false],
    ['code', 'http://loinc.org|', true],
    ['category', '|vital-signs', true],
    ['code', '1,2,29463-7', true],
    ['code:not', '29463-7', false],
    ['code:not', '1', true],
    ['code:text', 'weight', true],
    ['code:text', 'home', true],
    ['code:text', 'eight', false],
    ['method:missing', 'true', true],
    ['code:missing', 'true', false],
  ])('%s=%s: %s', (name, value, yes) => expect(answers(weight, name, value)).toBe(yes));
});

describe('string and contact [FHIR R4 search.html#string]', () => {
  it.each([
    ['given', 'jose', true],
    ['given', 'maria', false],
    ['name', 'maria', true],
    ['given:exact', 'José María', true],
    ['given:exact', 'Jose Maria', false],
    ['given:contains', 'MARÍA', true],
    // Signs alone are nothing when folded: a condition `name=-` must not find everybody.
    ['name', '-', false],
    ['name', '\u{fffd}', false],
    ['given:contains', '...', false],
    ['_content', '--', false],
    ['phone', '15550102030', true],
    ['phone', '5550102030', false],
    ['birthdate', 'ge1974-02', true],
    ['birthdate', '1974-02-02', false],
  ])('%s=%s: %s', (name, value, yes) => expect(answers(person, name, value)).toBe(yes));
});

describe('reference [FHIR R4 search.html#reference]', () => {
  it.each([
    ['subject', 'Patient/p', true],
    ['patient', 'p', true],
    ['subject:Patient', 'p', true],
    ['subject', 'Group/p', false],
    ['subject', 'https://elsewhere.example/Patient/p', false],
    ['subject:identifier', 'urn:mrn|7', true],
    ['subject:identifier', 'urn:mrn|8', false],
  ])('%s=%s: %s', (name, value, yes) => expect(answers(weight, name, value)).toBe(yes));
});

describe('quantity [FHIR R4 search.html#quantity]', () => {
  it.each([
    ['value-quantity', '61', true],
    ['value-quantity', '61.2', true],
    ['value-quantity', '61.3', false],
    ['value-quantity', '62', false],
    ['value-quantity', 'gt61', true],
    ['value-quantity', 'gt61.2', false],
    ['value-quantity', 'ge61.2', true],
    ['value-quantity', 'lt61.2', false],
    ['value-quantity', 'ap58', true],
    ['value-quantity', '61|http://unitsofmeasure.org|kg', true],
    ['value-quantity', '61||kg', true],
    ['value-quantity', '61||g', false],
    ['value-quantity', 'ne61', false],
  ])('%s=%s: %s', (name, value, yes) => expect(answers(weight, name, value)).toBe(yes));
});

describe('composites match within one component [FHIR R4 search.html#combining]', () => {
  it.each([
    ['component-code-value-quantity', '8480-6$120', true],
    ['component-code-value-quantity', '8480-6$80', false],
    ['component-code-value-quantity', 'http://loinc.org|8462-4$lt90', true],
    ['code-value-quantity', '29463-7$gt60', true],
    ['code-value-quantity', '8480-6$gt60', false],
  ])('%s=%s: %s', (name, value, yes) => expect(answers(weight, name, value)).toBe(yes));
});

it('never passes over a modifier it cannot honour', () => {
  for (const name of ['code:in', 'code:above']) {
    expect(() => answers(weight, name, 'http://x')).toThrow(Refusal);
  }
});

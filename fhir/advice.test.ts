/** What is said beyond faults: best practice, and codes that others are asked about. */
import { describe, expect, it } from 'vitest';
import type { Resource } from '@medplum/fhirtypes';
import { adviceOn } from './advice.ts';
import { patient } from './fixtures/patient.ts';

const told = (resource: object) =>
  adviceOn(resource as Resource).issues.map(
    (one) => `${one.severity} ${one.expression?.[0]} ${one.diagnostics?.split(':')[0]}`,
  );

describe('advice', () => {
  it('asks for a narrative, a proper name of a definition, a status of a problem', () => {
    expect(told(patient)).toEqual(['warning Patient dom-6']);
    const text = { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' };
    expect(told({ ...patient, text })).toEqual([]);
    expect(told({ resourceType: 'ValueSet', status: 'active', name: 'no good', text })).toEqual([
      'warning ValueSet vsd-0',
    ]);
  });

  it('passes codes on to whoever knows them, with their place', () => {
    const observation = {
      resourceType: 'Observation',
      status: 'final',
      code: { text: 'x' },
      category: [{ coding: [{ system: 'urn:s', code: 'c' }] }],
      interpretation: [{ text: 'high' }],
    };
    expect(adviceOn(observation as Resource).codes).toEqual([
      {
        valueSet: 'http://hl7.org/fhir/ValueSet/observation-category',
        codings: [{ system: 'urn:s', code: 'c' }],
        strength: 'preferred',
        expression: 'Observation.category[0]',
      },
    ]);
  });
});

/** The expressions of own search parameters agree with the FHIRPath library, and what is outside the grammar is refused. */
import fhirpath from 'fhirpath';
import r4 from 'fhirpath/fhir-context/r4/index.js';
import { describe, expect, it } from 'vitest';
import type { Resource } from '@medplum/fhirtypes';
import { compileSearchParam, ExpressionRefused } from './search-expression.ts';
import { searchParams } from './search-params.ts';

const patient = {
  resourceType: 'Patient',
  extension: [
    { url: 'urn:blood.group', valueCodeableConcept: { coding: [{ code: 'A' }] } },
    { url: 'urn:height', valueQuantity: { value: 180, unit: 'cm' } },
    { url: 'urn:blood.group', valueCode: 'B' },
  ],
  name: [
    { use: 'official', family: 'One', given: ['A', 'B'] },
    { use: 'nickname', text: 'Two' },
  ],
  contact: [
    { gender: 'male', name: { family: 'Uncle' } },
    { gender: 'female', name: { family: 'Aunt' } },
  ],
  generalPractitioner: [
    { reference: 'Practitioner/1' },
    { reference: 'Organization/2' },
    { type: 'Practitioner', identifier: { value: 'x' } },
  ],
  deceasedDateTime: '2020-01-01',
  multipleBirthInteger: 2,
} as unknown as Resource;

const make = (expression: string, base = 'Patient') =>
  compileSearchParam(base, { code: 'own', type: 'token', expression });

describe('an expression', () => {
  it.each([
    "Patient.extension.where(url='urn:blood.group').value",
    "Patient.extension('urn:blood.group').value.ofType(CodeableConcept)",
    "extension('urn:height').value as Quantity",
    "(Patient.extension.where(url = 'urn:height').value as Quantity).unit",
    "Patient.name.where(use='official').given",
    'Patient.name[0].family',
    'Patient.name.given[0]',
    "Patient.contact.where(gender='female').name.family | Patient.name.text",
    'Patient.deceased',
    'Patient.deceased.ofType(dateTime)',
    'Patient.multipleBirth.ofType(boolean)',
    'Resource.language',
  ])('%s finds what the library finds', (expression) => {
    const wanted = fhirpath.evaluate(patient, expression, {}, r4) as unknown[];
    const found = make(expression).extract(patient);
    // What stands side by side in a choice has no order.
    expect(found).toHaveLength(wanted.length);
    expect(found).toEqual(expect.arrayContaining(wanted));
  });

  it('tells the type of what it found', () => {
    const found = make("extension('urn:blood.group').value").find(patient);
    expect(found.map(({ type }) => type)).toEqual(['code', 'CodeableConcept']);
    expect(make('Patient.gender').find({ resourceType: 'Patient', gender: 'male' })).toEqual([
      { type: 'code', value: 'male', set: 'administrative-gender' },
    ]);
  });

  it('tells by the reference alone what it leads to', () => {
    const own = make('Patient.generalPractitioner.where(resolve() is Practitioner)');
    expect(own.extract(patient)).toHaveLength(2);
  });

  it('of a union counts for the types it names', () => {
    const text = 'Patient.birthDate | Person.birthDate';
    expect(make(text, 'Person').find({ resourceType: 'Person', birthDate: '1990' })).toHaveLength(
      1,
    );
    expect(() => make(text, 'Device')).toThrow(ExpressionRefused);
  });

  it.each([
    "Patient.name.matches('(a+)+$')",
    'Patient.descendants()',
    'Patient.repeat(name)',
    'Patient.nothing',
    'Patient.name.where(family.length() > 3)',
    "Patient.name.where(use='official'",
    "Patient.name.where(use='offi\\'cial')",
    'Patient.name.given & Patient.name.family',
    "iif(true, 'a', 'b')",
    'today()',
    '%context.name',
    `Patient.${'link.other.'.repeat(12)}display`,
    'x'.repeat(3_000),
    `${'('.repeat(500)}Patient.name${')'.repeat(500)}`,
    '',
  ])('%s is refused', (expression) => {
    expect(() => make(expression)).toThrow(ExpressionRefused);
  });
});

it('the standard’s own expressions that are simple find the same as the standard’s extractors', () => {
  for (const [code, expression] of [
    ['family', 'Patient.name.family'],
    ['email', "Patient.telecom.where(system='email')"],
    ['general-practitioner', 'Patient.generalPractitioner'],
  ] as const)
    expect(make(expression).find(patient)).toEqual(
      searchParams('Patient').get(code)!.find(patient),
    );
});

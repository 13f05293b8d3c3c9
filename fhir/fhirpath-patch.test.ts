/** FHIRPath Patch [FHIR R4 fhirpatch.html]. */
import { describe, expect, it } from 'vitest';
import { applyPatch, parseExact, Refusal } from './index.ts';
import type { Observation, ParametersParameter, Patient, Resource } from './index.ts';

const patient: Patient = {
  resourceType: 'Patient',
  id: 'p1',
  birthDate: '1980-01-01',
  name: [
    { use: 'official', family: 'Okonjo', given: ['Ada', 'B'] },
    { use: 'nickname', given: ['Ad'] },
  ],
  contact: [{ name: { family: 'Next' } }],
};

/** `value[x]` given by its name; a list of parts makes an element of parts. */
const operation = (type: string, path: string, rest: Record<string, unknown> = {}) => ({
  name: 'operation',
  part: [
    { name: 'type', valueCode: type },
    { name: 'path', valueString: path },
    ...Object.entries(rest).map(([name, value]) => ({ name, ...(value as object) })),
  ],
});
const patched = <T extends Resource>(resource: T, ...parameter: unknown[]): T =>
  applyPatch(resource, {
    resourceType: 'Parameters',
    parameter: parameter as ParametersParameter[],
  });
const refusal = (...parameter: unknown[]): string => {
  try {
    patched(patient, ...parameter);
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return 'accepted';
};

describe('operations [fhirpatch.html]', () => {
  it('add: a property, an item at the end, an element of parts, a choice by its type', () => {
    const after = patched(
      patient,
      operation('add', 'Patient', {
        name: { valueString: 'active' },
        value: { valueBoolean: true },
      }),
      operation('add', 'Patient.name[1]', {
        name: { valueString: 'given' },
        value: { valueString: 'C' },
      }),
      operation('add', 'Patient', {
        name: { valueString: 'contact' },
        value: {
          part: [
            { name: 'name', valueHumanName: { text: 'a name' } },
            { name: 'telecom', valueContactPoint: { system: 'phone', value: '1' } },
            { name: 'telecom', valueContactPoint: { system: 'phone', value: '2' } },
          ],
        },
      }),
      operation('add', 'Patient', {
        name: { valueString: 'deceased' },
        value: { valueDateTime: '2020-01-01' },
      }),
    );
    expect(after).toMatchObject({
      active: true,
      name: [{}, { given: ['Ad', 'C'] }],
      contact: [{}, { name: { text: 'a name' }, telecom: [{ value: '1' }, { value: '2' }] }],
      deceasedDateTime: '2020-01-01',
    });
    expect(patient.active).toBeUndefined();
    expect(patient.name![1]!.given).toEqual(['Ad']);
  });

  it('insert, move, replace, delete', () => {
    const index = (valueInteger: number) => ({ valueInteger });
    const after = patched(
      patient,
      operation('insert', 'Patient.name[0].given', {
        index: index(1),
        value: { valueString: 'X' },
      }),
      operation('move', 'Patient.name[0].given', { source: index(2), destination: index(0) }),
      operation('replace', 'Patient.birthDate', { value: { valueDate: '1981-02-03' } }),
      operation('replace', "Patient.name.where(use = 'nickname').given.first()", {
        value: { valueString: 'Addie' },
      }),
      operation('delete', 'Patient.contact[0]'),
      operation('delete', 'Patient.photo'),
    );
    expect(after.name![0]!.given).toEqual(['B', 'Ada', 'X']);
    expect(after.birthDate).toBe('1981-02-03');
    expect(after.name![1]!.given).toEqual(['Addie']);
    expect(Object.hasOwn(after, 'contact')).toBe(false);
  });

  it('replaces a choice by another of its types, and keeps decimals as written [datatypes.html#decimal]', () => {
    const observation = parseExact(
      '{"resourceType":"Observation","valueString":"x","component":[{"valueQuantity":{"value":2.0}}]}',
    ) as Observation;
    const parameter = parseExact(
      JSON.stringify(
        operation('replace', 'Observation.value', { value: { valueQuantity: { value: 0 } } }),
      ).replace('"value":0', '"value":1.50'),
    );
    expect(JSON.stringify(patched(observation, parameter))).toBe(
      '{"resourceType":"Observation","component":[{"valueQuantity":{"value":2.0}}],"valueQuantity":{"value":1.50}}',
    );
  });

  it('finds by where with and, or, exists(), and by extension()', () => {
    const paths = [
      "Patient.name.where(use = 'official' and family.exists())",
      "Patient.name.where(use = 'none' or family = 'Okonjo')",
      "Patient.name.where(use != 'nickname')",
      'Patient.name.where(family.exists()).single()',
    ];
    for (const path of paths)
      expect([path, patched(patient, operation('delete', path)).name]).toEqual([
        path,
        [patient.name![1]],
      ]);
    const extended = { ...patient, extension: [{ url: 'urn:x', valueString: 'y' }] };
    const after = patched(extended, operation('delete', "Patient.extension('urn:x')"));
    expect(Object.hasOwn(after, 'extension')).toBe(false);
  });
});

describe('refused', () => {
  it.each([
    [
      'invalid',
      operation('add', 'Observation', { name: { valueString: 'x' }, value: { valueString: 'x' } }),
    ],
    [
      'invalid',
      operation('add', 'Patient', { name: { valueString: 'height' }, value: { valueString: 'x' } }),
    ],
    ['invalid', operation('delete', 'Patient.name.repeat(given)')],
    ['invalid', operation('delete', 'Patient.name.where(given.where(use = 1).exists())')],
    ['invalid', operation('delete', 'Patient')],
    ['invalid', operation('delete', 'Patient.constructor')],
    ['invalid', operation('delete', 'Patient.__proto__')],
    ['invalid', operation('upsert', 'Patient.name')],
    ['invalid', { name: 'other' }],
    ['unprocessable', operation('delete', 'Patient.name')],
    ['unprocessable', operation('replace', 'Patient.photo', { value: { valueString: 'x' } })],
    [
      'unprocessable',
      operation('add', 'Patient', {
        name: { valueString: 'birthDate' },
        value: { valueDate: '2000' },
      }),
    ],
    [
      'unprocessable',
      operation('add', 'Patient', {
        name: { valueString: 'deceased' },
        value: { valueString: 'x' },
      }),
    ],
    ['not-supported', operation('replace', 'Patient.id', { value: { valueId: 'p2' } })],
  ])('%s: %j', (code, one) => {
    expect(refusal(one)).toBe(code);
  });

  it('what would run long: exponential work would not end at all', () => {
    expect(refusal(operation('delete', `Patient${'.name'.repeat(10_000)}`))).toBe('invalid');
    expect(refusal(operation('delete', `Patient.name.where(${'('.repeat(400)}`))).toBe('invalid');
    expect(refusal(operation('delete', `Patient.name${'.where(use.exists())'.repeat(40)}`))).toBe(
      'unprocessable',
    );
    expect(refusal(operation('delete', `Patient.name.where('${'\\\\'.repeat(450)}`))).toBe(
      'invalid',
    );
    expect(
      refusal(...Array.from({ length: 101 }, () => operation('delete', 'Patient.photo'))),
    ).toBe('too-large');
  });
});

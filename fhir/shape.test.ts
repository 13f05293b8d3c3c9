/** `_summary` and `_elements` [FHIR R4 search.html#summary]. */
import { describe, expect, it } from 'vitest';
import { parseExact, shape, shapeOf, validate } from './index.ts';
import type { Observation, Patient } from './index.ts';

const patient = {
  resourceType: 'Patient',
  id: 'p1',
  meta: { versionId: '2', tag: [{ code: 'mine' }] },
  text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' },
  name: [{ family: 'Okonjo' }],
  birthDate: '1984-02-29',
  _birthDate: { extension: [{ url: 'urn:x', valueString: 'y' }] },
  deceasedBoolean: false,
  photo: [{ contentType: 'image/png', data: 'aGVsbG8=' }],
  contact: [{ name: { family: 'Next' } }],
  maritalStatus: { text: 'M' },
} as unknown as Patient;
const observation = parseExact(
  `{"resourceType":"Observation","id":"o","status":"final","code":{"text":"weight"},
    "subject":{"reference":"Patient/p1"},"valueQuantity":{"value":1.50,"unit":"kg"},
    "interpretation":[{"text":"high"}],"note":[{"text":"long"}],
    "component":[{"code":{"text":"c"},"valueQuantity":{"value":2.0},"interpretation":[{"text":"x"}]}]}`,
) as Observation;

const names = (one: object) => Object.keys(one).toSorted();

describe('a part of a resource [search.html#elements]', () => {
  it('is tagged, and the resource is left as it was', () => {
    const part = shape(patient, { elements: ['name'] });
    expect(names(part)).toEqual(['id', 'meta', 'name', 'resourceType']);
    expect(part.meta?.tag?.map((one) => one.code)).toEqual(['mine', 'SUBSETTED']);
    expect(patient.meta?.tag).toHaveLength(1);
  });

  it('keeps what is mandatory, choices by their base name, and what extends a primitive', () => {
    const part = shape(observation, { elements: ['value'] });
    expect(names(part)).toEqual(['code', 'id', 'meta', 'resourceType', 'status', 'valueQuantity']);
    expect(JSON.stringify(part)).toContain('"value":1.50');
    expect(validate(part)).toEqual([]);
    expect(names(shape(patient, { elements: ['birthDate'] }))).toContain('_birthDate');
    expect(names(shape(patient, { elements: ['Patient.name', 'Observation.status'] }))).toEqual([
      'id',
      'meta',
      'name',
      'resourceType',
    ]);
  });

  it('_summary=true shows what the definitions mark [search.html#summary]', () => {
    const part = shape(patient, { summary: 'true' });
    expect(names(part)).toEqual(
      [
        '_birthDate',
        'birthDate',
        'deceasedBoolean',
        'id',
        'meta',
        'name',
        'resourceType',
      ].toSorted(),
    );
    const seen = shape(observation, { summary: 'true' });
    expect(names(seen)).toEqual([
      'code',
      'component',
      'id',
      'meta',
      'resourceType',
      'status',
      'subject',
      'valueQuantity',
    ]);
    expect(JSON.stringify(seen)).toContain('"value":1.50');
    expect(seen.component).toEqual([{ code: { text: 'c' }, valueQuantity: { value: 2 } }]);
    expect(validate(seen)).toEqual([]);
  });

  it('_summary=text, data and false', () => {
    expect(names(shape(patient, { summary: 'text' }))).toEqual([
      'id',
      'meta',
      'resourceType',
      'text',
    ]);
    expect(names(shape(observation, { summary: 'text' }))).toEqual([
      'code',
      'id',
      'meta',
      'resourceType',
      'status',
    ]);
    expect(names(shape(patient, { summary: 'data' }))).not.toContain('text');
    expect(shape(patient, { summary: 'false' })).toBe(patient);
  });

  it('is asked for by two parameters', () => {
    expect(shapeOf([['_summary', 'false']])).toBeUndefined();
    expect(
      shapeOf([
        ['_elements', 'a, b'],
        ['_elements', 'c'],
      ]),
    ).toEqual({ elements: ['a', 'b', 'c'] });
    expect(() => shapeOf([['_summary', 'yes']])).toThrow(/invalid/);
    expect(() => shapeOf([['_elements', 'a b']])).toThrow(/invalid/);
  });
});

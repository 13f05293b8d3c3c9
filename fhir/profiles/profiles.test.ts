/** Profiles as they are in use: what each part of one finds, from the differential alone. */
import { afterAll, describe, expect, it } from 'vitest';
import type { StructureDefinition } from '@medplum/fhirtypes';
import {
  component,
  faults,
  fhirpath,
  issues,
  nation,
  pressure,
  standing,
} from '../fixtures/check.ts';
import * as made from '../fixtures/profiles.ts';
import { snapshotOf } from './snapshot.ts';

const { here } = made;
afterAll(() => fhirpath.stop());

describe('a blood pressure on top of vital signs', () => {
  const check = (over: object) => faults({ ...pressure, ...over }, made.bloodPressure);

  it('conforms', async () => {
    expect(await issues(pressure, made.bloodPressure)).toEqual([]);
  });

  it('needs each component once', async () => {
    expect(await check({ component: [component('8480-6'), component('1234-5')] })).toEqual([
      'Observation.component required',
    ]);
    expect(await check({ component: [...pressure.component, component('8480-6')] })).toEqual([
      'Observation.component structure',
    ]);
    expect(await check({ component: [component('8480-6')] })).toHaveLength(2);
  });

  it('fixes the unit inside the slice, through the short name of a choice', async () => {
    const kilo = component('8480-6', {
      value: 16,
      system: 'http://unitsofmeasure.org',
      code: 'kPa',
    });
    expect(await check({ component: [kilo, component('8462-4')] })).toEqual([
      'Observation.component[0].valueQuantity.code value',
    ]);
    const below = component('8480-6', {
      value: -1,
      system: 'http://unitsofmeasure.org',
      code: 'mm[Hg]',
    });
    expect(await check({ component: [below, component('8462-4')] })).toEqual([
      'Observation.component[0].valueQuantity.value value',
    ]);
  });

  it('inherits cardinality, targets, types, slices and rules', async () => {
    expect(await check({ subject: undefined })).toEqual(['Observation.subject required']);
    expect(await check({ subject: { reference: 'Group/1' } })).toEqual([
      'Observation.subject.reference value',
    ]);
    expect(
      await check({ effectiveDateTime: undefined, effectiveInstant: '2026-01-01T00:00:00Z' }),
    ).toEqual(['Observation.effectiveInstant structure']);
    expect(await check({ category: [{ coding: [{ code: 'vital-signs' }] }] })).toEqual([
      'Observation.category required',
    ]);
    const bare = { ...pressure, component: undefined };
    expect(await faults(bare, made.vitalSigns)).toEqual(['Observation invariant']);
  });

  it('never repeats a value', async () => {
    const told = await issues(
      {
        ...pressure,
        subject: { reference: 'Group/secret-1' },
        component: [component('8480-6', { value: 987.654, code: 'kPa', system: 'secret' })],
      },
      made.bloodPressure,
    );
    expect(JSON.stringify(told)).not.toMatch(/secret|987|kPa/);
  });
});

describe('a national patient', () => {
  const check = (over: object) => faults({ ...nation, ...over }, made.nationalPatient);
  const [national] = nation.identifier;
  const card = { system: 'https://nation.example/card', value: 'c' };
  const other = { system: 'urn:other', value: 'o' };

  it('orders its slices, and leaves room at the end only', async () => {
    expect(await check({ identifier: [national, card, other] })).toEqual([]);
    expect(await check({ identifier: [card, national] })).toEqual([
      'Patient.identifier[1] structure',
    ]);
    expect(await check({ identifier: [other, national] })).toEqual([
      'Patient.identifier[1] structure',
    ]);
    expect(await check({ identifier: [other] })).toEqual(['Patient.identifier required']);
  });

  it('limits lengths, dates, and asks its rules', async () => {
    expect(await check({ identifier: [{ ...national, value: '12345' }] })).toEqual([
      'Patient.identifier[0].value too-long',
    ]);
    expect(await check({ birthDate: '1899-12-31' })).toEqual(['Patient.birthDate value']);
    expect(await check({ name: [{ family: 'X' }, { text: 'X Y' }] })).toEqual([
      'Patient.name[1] invariant',
    ]);
  });

  it('checks extensions by their own profile, nested ones too', async () => {
    const extension = (...inner: object[]) => [{ url: `${here}ethnicity`, extension: inner }];
    const group = { url: 'group', valueCoding: { code: 'a' } };
    expect(await check({ extension: extension(group) })).toEqual([]);
    expect(await check({ extension: extension({ url: 'text', valueString: 'longer' }) })).toEqual([
      'Patient.extension[0].extension[0].valueString too-long',
      'Patient.extension[0].extension required',
    ]);
    expect(await check({ extension: [...extension(group), ...extension(group)] })).toEqual([
      'Patient.extension structure',
    ]);
    expect(await check({ extension: [{ url: `${here}ethnicity`, valueString: 'a' }] })).toEqual([
      'Patient.extension[0].extension required',
      'Patient.extension[0].value structure',
    ]);
  });

  it('says what it does not know, and goes on', async () => {
    const born = { url: `${here}birth-time`, valueDateTime: '1980-01-01' };
    const told = await issues(
      { ...nation, _birthDate: { extension: [born] } },
      made.nationalPatient,
    );
    expect(told).toMatchObject([
      {
        severity: 'information',
        code: 'not-found',
        expression: ['Patient.birthDate.extension[0]'],
      },
    ]);
  });
});

describe('a document', () => {
  const section = (code: string, ...entry: string[]) => ({
    code: { coding: [{ system: 'http://loinc.org', code }] },
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">x</div>' },
    ...(entry.length ? { entry: entry.map((reference) => ({ reference })) } : {}),
  });
  const document = (...sections: object[]) => ({
    resourceType: 'Composition',
    status: 'final',
    type: { text: 'x' },
    date: '2026-01-01',
    author: [{ reference: 'Practitioner/1' }],
    title: 'x',
    section: sections,
  });

  it('tells entries by the type they lead to, also inside its bundle', async () => {
    expect(await faults(document(section('11450-4', 'Condition/1')), made.summary)).toEqual([]);
    expect(await faults(document(section('11450-4', 'Observation/1')), made.summary)).toEqual([
      'Composition.section[0].entry required',
    ]);
    const address = 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a';
    const inside = document(section('11450-4', address));
    const bundle = { entry: [{ fullUrl: address, resource: { resourceType: 'Condition' } }] };
    expect(await faults(inside, made.summary, bundle)).toEqual([]);
    expect(await faults(inside, made.summary)).toHaveLength(1);
  });

  it('is closed to other sections', async () => {
    const both = document(section('11450-4', 'Condition/1'), section('1-8'));
    expect(await faults(both, made.summary)).toEqual(['Composition.section[1] structure']);
  });
});

describe('a snapshot made from a differential [FHIR R4 profiling.html#snapshot]', () => {
  const lookup = (url: string) => standing.find((one) => one.url === url);
  const snapshot = snapshotOf(made.bloodPressure, lookup);
  const at = (id: string) => snapshot.find((one) => one.id === id);

  it('holds everything of type, base profile and differential, each element once', () => {
    const ids = snapshot.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(at('Observation.status')).toMatchObject({ min: 1, max: '1', type: [{ code: 'code' }] });
    expect(at('Observation.subject')).toMatchObject({ min: 1 });
    expect(at('Observation.component:systolic.value[x]:valueQuantity.code')).toMatchObject({
      path: 'Observation.component.value[x].code',
      min: 1,
      fixedCode: 'mm[Hg]',
    });
    expect(at('Observation.category:VSCat')).toMatchObject({
      sliceName: 'VSCat',
      min: 1,
      max: '1',
    });
  });

  it('checks what the differential checks', async () => {
    const { differential: _, ...rest } = made.bloodPressure;
    const whole = {
      ...rest,
      url: `${here}whole`,
      snapshot: { element: snapshot },
    } as StructureDefinition;
    expect(await faults(pressure, whole)).toEqual([]);
    const broken = {
      ...pressure,
      subject: { reference: 'Group/1' },
      component: [component('8480-6')],
    };
    const sorted = async (of: StructureDefinition) => (await faults(broken, of)).toSorted();
    expect(await sorted(whole)).toEqual(await sorted(made.bloodPressure));
  });
});

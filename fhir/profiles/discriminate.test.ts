/** How slices are told apart, codes that others know, and profiles that cannot be used. */
import { afterAll, describe, expect, it } from 'vitest';
import type { Resource, StructureDefinition } from '@medplum/fhirtypes';
import { faults, fhirpath, issues, nation, pressure } from '../fixtures/check.ts';
import * as made from '../fixtures/profiles.ts';
import { checkProfiles } from './check-profiles.ts';
import { createProfiles } from './profiles.ts';

const { here, profile } = made;
afterAll(() => fhirpath.stop());

const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' } };

describe('discriminators [FHIR R4 profiling.html#discriminator]', () => {
  it('by existence', async () => {
    const dated = profile('dated', 'Patient', {
      'Patient.name': {
        slicing: { discriminator: [{ type: 'exists', path: 'period' }], rules: 'open' },
      },
      'Patient.name:dated': { max: '1' },
      'Patient.name:dated.period': { min: 1 },
      'Patient.name:timeless': { min: 1 },
      'Patient.name:timeless.period': { max: '0' },
    });
    const period = { start: '2020' };
    const named = (...name: object[]) => faults({ resourceType: 'Patient', name }, dated);
    expect(await named({ text: 'a', period }, { text: 'b' })).toEqual([]);
    expect(await named({ text: 'a', period }, { text: 'b', period })).toEqual([
      'Patient.name structure',
      'Patient.name required',
    ]);
  });

  it('by type, of a choice', async () => {
    const measured = profile('measured', 'Observation', {
      'Observation.value[x]': {
        slicing: { discriminator: [{ type: 'type', path: '$this' }], rules: 'closed' },
      },
      'Observation.value[x]:valueQuantity': { min: 1, type: [{ code: 'Quantity' }] },
      'Observation.value[x]:valueQuantity.unit': { min: 1 },
    });
    expect(
      await faults({ ...observation, valueQuantity: { value: 1, unit: 'x' } }, measured),
    ).toEqual([]);
    expect(await faults({ ...observation, valueQuantity: { value: 1 } }, measured)).toEqual([
      'Observation.valueQuantity.unit required',
    ]);
    expect(await faults({ ...observation, valueString: 'x' }, measured)).toEqual([
      'Observation.valueString structure',
      'Observation.value required',
    ]);
  });

  it('by value of $this, by extension, by a pattern further up, by a required set', async () => {
    const flagged = profile('flagged', 'Patient', {
      'Patient.address': {
        slicing: {
          discriminator: [{ type: 'value', path: "extension('https://e.example/flag').value" }],
          rules: 'open',
        },
      },
      'Patient.address:flagged': { min: 1 },
      'Patient.address:flagged.extension:flag': { min: 1 },
      'Patient.address:flagged.extension:flag.url': { fixedUri: 'https://e.example/flag' },
      'Patient.address:flagged.extension:flag.value[x]': { fixedBoolean: true },
      'Patient.name.given': {
        slicing: { discriminator: [{ type: 'value', path: '$this' }], rules: 'open' },
      },
      'Patient.name.given:ann': { max: '1', fixedString: 'Ann' },
      'Patient.contact': {
        slicing: {
          discriminator: [{ type: 'value', path: 'relationship.coding.code' }],
          rules: 'open',
        },
      },
      'Patient.contact:kin': { max: '1' },
      'Patient.contact:kin.relationship': { patternCodeableConcept: { coding: [{ code: 'N' }] } },
      'Patient.telecom': {
        slicing: { discriminator: [{ type: 'value', path: 'use' }], rules: 'closed' },
      },
      'Patient.telecom:any': {},
      'Patient.telecom:any.use': {
        min: 1,
        binding: {
          strength: 'required',
          valueSet: 'http://hl7.org/fhir/ValueSet/contact-point-use',
        },
      },
    });
    const kin = { relationship: [{ coding: [{ code: 'N' }] }], name: { text: 'k' } };
    const flag = (valueBoolean: boolean) => [
      { text: 'a', extension: [{ url: 'https://e.example/flag', valueBoolean }] },
    ];
    const of = (over: object) =>
      faults({ resourceType: 'Patient', address: flag(true), ...over }, flagged);
    expect(await of({})).toEqual([]);
    expect(await of({ address: flag(false) })).toEqual(['Patient.address required']);
    expect(await of({ name: [{ given: ['Ann', 'Bea'] }] })).toEqual([]);
    expect(await of({ name: [{ given: ['Ann', 'Ann'] }] })).toEqual([
      'Patient.name[0].given structure',
    ]);
    expect(await of({ contact: [kin, kin] })).toEqual(['Patient.contact structure']);
    expect(await of({ telecom: [{ system: 'phone', value: '1', use: 'home' }] })).toEqual([]);
    expect(await of({ telecom: [{ system: 'phone', value: '1' }] })).toEqual([
      'Patient.telecom[0] structure',
    ]);
  });

  it('by profile of what a reference leads to', async () => {
    const reporting = profile('reporting', 'DiagnosticReport', {
      'DiagnosticReport.result': {
        slicing: { discriminator: [{ type: 'profile', path: 'resolve()' }], rules: 'open' },
      },
      'DiagnosticReport.result:pressure': {
        min: 1,
        type: [{ code: 'Reference', targetProfile: [made.bloodPressure.url] }],
      },
    });
    const report = (contained: object) => ({
      resourceType: 'DiagnosticReport',
      status: 'final',
      code: { text: 'x' },
      contained: [{ ...contained, id: 'o' }],
      result: [{ reference: '#o' }],
    });
    expect(await faults(report(pressure), reporting)).toEqual([]);
    expect(await faults(report(observation), reporting)).toEqual([
      'DiagnosticReport.result required',
    ]);
  });
});

describe('codes', () => {
  const bound = (strength: 'required' | 'extensible' | 'preferred', valueSet: string) =>
    profile('bound', 'Observation', { 'Observation.code': { binding: { strength, valueSet } } });
  const coded = { ...observation, code: { coding: [{ system: 'urn:s', code: 'c' }] } };
  const ask = (of: StructureDefinition, answer: boolean | undefined) =>
    checkProfiles(coded as Resource, [of.url], {
      profiles: createProfiles(new Map([[of.url, of]])),
      fhirpath,
      code: async () => answer,
    });

  it.each([
    ['required', false, 'error'],
    ['required', undefined, 'warning'],
    ['extensible', false, 'warning'],
    ['preferred', false, 'information'],
  ] as const)('%s, terminology says %s: %s', async (strength, answer, severity) => {
    const told = await ask(bound(strength, 'https://clinic.example/vs'), answer);
    expect(told).toMatchObject([{ severity, expression: ['Observation.code'] }]);
  });

  it('that are in the set', async () => {
    expect(await ask(bound('required', 'https://clinic.example/vs'), true)).toEqual([]);
  });
});

describe('SimpleQuantity', () => {
  it('is built in: no comparator', async () => {
    const exact = profile('exact', 'Observation', {
      'Observation.value[x]': {
        type: [
          {
            code: 'Quantity',
            profile: ['http://hl7.org/fhir/StructureDefinition/SimpleQuantity'],
          },
        ],
      },
    });
    const measured = (valueQuantity: object) => issues({ ...observation, valueQuantity }, exact);
    expect(await measured({ value: 1 })).toEqual([]);
    expect(await measured({ value: 1, comparator: '<' })).toMatchObject([
      { severity: 'error', expression: ['Observation.valueQuantity.comparator'] },
    ]);
  });
});

describe('profiles that are none', () => {
  const warned = async (of: StructureDefinition) =>
    (await issues(observation, of)).map(({ severity, code }) => `${severity} ${code}`);

  it('do not refuse anybody: unknown base, endless chain, unknown element, bomb of elements', async () => {
    expect(await warned(profile('a', 'Observation', {}, { on: `${here}nowhere` }))).toEqual([
      'warning not-supported',
    ]);
    expect(await warned(profile('a', 'Observation', {}, { on: `${here}a` }))).toEqual([
      'warning not-supported',
    ]);
    expect(await warned(profile('a', 'Observation', { 'Observation.nothing': {} }))).toEqual([
      'warning not-supported',
    ]);
    const many = Object.fromEntries(
      Array.from({ length: 6000 }, (_, at) => [`Observation.note:n${at}`, {}]),
    );
    expect(await warned(profile('a', 'Observation', many))).toEqual(['warning not-supported']);
  });

  it('are of another type', async () => {
    expect(await faults(observation, made.nationalPatient)).toEqual([
      'Observation.meta.profile[0] invalid',
    ]);
  });

  // Two seconds of work, on a machine that may have other work.
  it(
    'meet a resource of endless parts: refused, not checked to the end',
    { timeout: 30_000 },
    async () => {
      const component = Array.from({ length: 60_000 }, () => pressure.component[0]!);
      const told = await faults({ ...pressure, component }, made.bloodPressure);
      expect(told).toContain('Observation too-costly');
    },
  );

  it(
    'hold a bomb: refused within the limits, and the next one is served',
    { timeout: 30_000 },
    async () => {
      const bomb = profile('bomb', 'Observation', {
        'Observation.status': {
          constraint: [
            {
              key: 'b-1',
              severity: 'error',
              human: 'x',
              expression: `'${'a'.repeat(40)}!'.matches('^(a+)+$')`,
            },
          ],
        },
      });
      expect(await faults(observation, bomb)).toEqual(['Observation.status too-costly']);
      expect(await faults(nation, made.nationalPatient)).toEqual([]);
    },
  );
});

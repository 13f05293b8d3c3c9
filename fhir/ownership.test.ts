/** Whose a resource is. */
import type { Resource } from '@medplum/fhirtypes';
import { describe, expect, it } from 'vitest';
import {
  compartmentParams,
  ownerOf,
  ownerPath,
  patientsOf,
  references,
  resourceClass,
  resourceTypes,
  rewriteReferences,
  searchParams,
} from './index.ts';
import { typeModel } from './model.ts';

const owner = (resource: object): string | undefined => ownerOf(resource as Resource)?.ref;
const to = (reference: string): object => ({ reference });

describe('the owner', () => {
  it('is found on the one path of the type', () => {
    expect(owner({ resourceType: 'Patient', id: 'a' })).toBe('Patient/a');
    expect(owner({ resourceType: 'Patient' })).toBeUndefined();
    expect(
      owner({
        resourceType: 'Observation',
        subject: to('Patient/a/_history/2'),
        performer: [to('Patient/b')],
      }),
    ).toBe('Patient/a');
    expect(
      owner({ resourceType: 'Coverage', beneficiary: to('Patient/a'), payor: [to('Patient/b')] }),
    ).toBe('Patient/a');
    expect(owner({ resourceType: 'Task', for: to('Patient/a') })).toBe('Patient/a');
    expect(
      owner({
        resourceType: 'Appointment',
        participant: [
          { actor: to('Practitioner/d') },
          { actor: to('Patient/a') },
          { actor: to('Patient/b') },
        ],
      }),
    ).toBe('Patient/a');
  });

  it('is no other kind of subject, and nobody on another server', () => {
    expect(owner({ resourceType: 'Observation', subject: to('Group/a') })).toBeUndefined();
    expect(
      owner({ resourceType: 'Observation', subject: to('https://other.example/Patient/a') }),
    ).toBeUndefined();
    expect(owner({ resourceType: 'Observation', performer: [to('Patient/b')] })).toBeUndefined();
    expect(owner({ resourceType: 'Practitioner', id: 'a' })).toBeUndefined();
  });

  it('may still be a placeholder', () => {
    expect(owner({ resourceType: 'Observation', subject: to('urn:uuid:1') })).toBe('urn:uuid:1');
    expect(
      owner({ resourceType: 'Observation', subject: { ...to('urn:uuid:1'), type: 'Group' } }),
    ).toBeUndefined();
  });
});

describe('every patient a resource names', () => {
  it('is in its compartment', () => {
    const resource = {
      resourceType: 'Observation',
      subject: to('Patient/a'),
      performer: [to('Patient/b'), to('Practitioner/d')],
    };
    expect(patientsOf(resource as Resource)).toEqual(['a', 'b']);
    expect(
      patientsOf({
        resourceType: 'Patient',
        id: 'a',
        link: [{ other: to('Patient/c') }],
      } as Resource),
    ).toEqual(['a', 'c']);
  });
});

describe('the golden lists', () => {
  it('name every R4 type once, and exist in the definitions', () => {
    expect(resourceTypes).toHaveLength(146);
    for (const type of resourceTypes) expect(typeModel(type)).toBeDefined();
  });

  it('give every type of the patient compartment an owner path or a reason', () => {
    const without = resourceTypes.filter(
      (type) => compartmentParams(type).length && !ownerPath[type],
    );
    // A Patient owns itself; the others may name many patients and belong to none.
    expect(without).toEqual(['AuditEvent', 'Group', 'Patient', 'Schedule']);
  });

  it('owner paths exist and may lead to a Patient', () => {
    for (const [type, path] of Object.entries(ownerPath)) {
      // A task is the machinery's own, kept under the key of the patient it is for.
      expect([type, resourceClass[type]]).toEqual([
        type,
        type === 'Task' ? 'operational' : 'patient',
      ]);
      const steps = path.split('.');
      let model = typeModel(type)!;
      for (const step of steps.slice(0, -1))
        model = typeModel(model.elements.find((one) => one.name === step)!.type)!;
      const last = model.elements.find((one) => one.name === steps.at(-1))!;
      expect(last.type).toBe('Reference');
      expect(last.targets ?? ['Patient']).toContain('Patient');
    }
  });

  it('compartment parameters exist', () => {
    for (const type of resourceTypes)
      for (const param of compartmentParams(type)) expect(searchParams(type).has(param)).toBe(true);
  });
});

describe('references', () => {
  const urn = 'urn:uuid:61ebe359-bfdc-4613-8bf2-c5e300945f0a';
  const resource = {
    resourceType: 'Observation',
    status: 'final',
    code: { text: urn },
    contained: [
      { resourceType: 'Practitioner', id: 'x', extension: [{ url: 'e', valueReference: to(urn) }] },
    ],
    subject: to(urn),
    performer: [to('#x'), to('Practitioner?identifier=a|b')],
    component: [{ code: { text: 'a' }, extension: [{ url: 'u', valueUri: urn }] }],
    text: { status: 'generated', div: `<div><a href="${urn}">x</a></div>` },
  } as unknown as Resource;

  it('are listed with their paths, local ones left out', () => {
    expect(references(resource)).toEqual([
      { path: 'Observation.contained[0].extension[0].valueReference.reference', reference: urn },
      { path: 'Observation.subject.reference', reference: urn },
      { path: 'Observation.performer[1].reference', reference: 'Practitioner?identifier=a|b' },
    ]);
  });

  it('are rewritten in a copy: references, uris, narrative links, not plain text [FHIR R4 http.html#trules]', () => {
    const before = JSON.stringify(resource);
    const after = rewriteReferences(
      resource,
      new Map([
        [urn, 'Patient/1'],
        ['Practitioner?identifier=a|b', 'Practitioner/2'],
      ]),
    );
    expect(JSON.stringify(resource)).toBe(before);
    expect(after).toMatchObject({
      code: { text: urn },
      contained: [{ extension: [{ valueReference: to('Patient/1') }] }],
      subject: to('Patient/1'),
      performer: [to('#x'), to('Practitioner/2')],
      component: [{ extension: [{ valueUri: 'Patient/1' }] }],
      text: { div: '<div><a href="Patient/1">x</a></div>' },
    });
    expect(rewriteReferences(resource, { constructor: 'x' })).toEqual(resource);
  });
});

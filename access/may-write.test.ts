/** What a write may say: patients in their own name and record, labels kept, granular scopes on both sides. */
import type {
  Appointment,
  Composition,
  Encounter,
  MedicationRequest,
  Observation,
  QuestionnaireResponse,
  CompositionAttester,
  Resource,
} from '@afar/fhir';
import { describe, expect, it } from 'vitest';
import { callerFor } from './caller.ts';
import { mayWrite, scopeAllows } from './may-write.ts';
import { parseScopes } from './scopes.ts';

type Party = NonNullable<CompositionAttester['party']>;
const anna = '018f0000-0000-7000-8000-000000000001';
const ben = '018f0000-0000-7000-8000-000000000002';
const self = { reference: `Patient/${anna}` };
const foreign = { reference: `Patient/${ben}` };
const doctor = { reference: 'Practitioner/018f0000-0000-7000-8000-000000000003' };
const patient = callerFor('patient', { fhirUser: { type: 'Patient', id: anna } });
const practitioner = callerFor('practitioner');
const nurse = callerFor('nurse');

const observation = (over: Partial<Observation> = {}): Observation => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'weight' },
  subject: self,
  ...over,
});
const category = (code: string) => [
  {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code }],
  },
];
const appointment = (over: Partial<Appointment> = {}): Appointment => ({
  resourceType: 'Appointment',
  status: 'booked',
  participant: [
    { actor: self, status: 'accepted' },
    { actor: doctor, status: 'accepted' },
  ],
  ...over,
});
const answers = (over: Partial<QuestionnaireResponse> = {}): QuestionnaireResponse => ({
  resourceType: 'QuestionnaireResponse',
  status: 'completed',
  subject: self,
  author: self,
  ...over,
});
const label = {
  security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }],
};

describe('a patient', () => {
  it.each<[string, Resource]>([
    ['an observation of her own', observation()],
    ['an observation she made herself', observation({ performer: [self] })],
    ['a proposal of an appointment', appointment({ status: 'proposed' })],
    ['answers of her own', answers()],
    [
      'a message of her own',
      { resourceType: 'Communication', status: 'completed', subject: self, sender: self },
    ],
  ])('may write %s', (_what, resource) => {
    expect(mayWrite(patient, undefined, resource)).toBeUndefined();
  });

  it.each<[string, Resource]>([
    ["into another's record", observation({ subject: foreign })],
    ['into nobody’s record', observation({ subject: undefined })],
    ['in a doctor’s name', observation({ performer: [doctor] })],
    ['in her own and a doctor’s name', observation({ performer: [self, doctor] })],
    ['a label', observation({ meta: label })],
    ['a tag', observation({ meta: { tag: [{ code: 'x' }] } })],
    ['answers by another', answers({ author: doctor })],
    ['answers told by another', answers({ source: foreign })],
    [
      "another's appointment",
      appointment({ participant: [{ actor: foreign, status: 'accepted' }] }),
    ],
    [
      'an appointment for two',
      appointment({
        participant: [
          { actor: self, status: 'accepted' },
          { actor: foreign, status: 'accepted' },
        ],
      }),
    ],
    ['a booking past the times that are offered', appointment()],
    ['a booking that waits for an answer', appointment({ status: 'pending' })],
    ['that she has arrived and been seen', appointment({ status: 'fulfilled' })],
    [
      'a message in a doctor’s name',
      { resourceType: 'Communication', status: 'completed', subject: self, sender: doctor },
    ],
    [
      'a message in nobody’s name',
      { resourceType: 'Communication', status: 'completed', subject: self },
    ],
    ['a practitioner', { resourceType: 'Practitioner' }],
    ['a care team', { resourceType: 'CareTeam', subject: self }],
  ])('may not write %s', (_what, resource) => {
    expect(mayWrite(patient, undefined, resource)).toMatchObject({
      code: 'forbidden',
      status: 403,
    });
  });

  it('may cancel her appointment, not take over another’s', () => {
    const cancelled = appointment({ status: 'cancelled' });
    expect(mayWrite(patient, appointment(), cancelled)).toBeUndefined();
    expect(mayWrite(patient, appointment(), appointment({ comment: 'by phone' }))).toBeUndefined();
    for (const over of [{ start: '2027-01-01T00:00:00Z' }, { end: '2037-01-01T00:00:00Z' }])
      expect(mayWrite(patient, appointment(), appointment(over))).toBeDefined();
    expect(mayWrite(patient, cancelled, appointment())).toBeDefined();
    const before = answers({ author: doctor });
    expect(mayWrite(patient, before, answers())).toBeDefined();
  });

  it('may keep a label that is there, not take it off or put one on', () => {
    const labelled = answers({ meta: label });
    expect(
      mayWrite(patient, labelled, answers({ meta: { ...label, versionId: '2' } })),
    ).toBeUndefined();
    expect(mayWrite(patient, labelled, answers())).toBeDefined();
    expect(mayWrite(patient, answers(), labelled)).toBeDefined();
  });

  it('without a record of her own may write nothing', () => {
    expect(mayWrite(callerFor('patient'), undefined, observation())).toBeDefined();
  });
});

describe('staff', () => {
  it('put labels on and do not take them off', () => {
    expect(mayWrite(practitioner, observation(), observation({ meta: label }))).toBeUndefined();
    expect(mayWrite(practitioner, observation({ meta: label }), observation())).toBeDefined();
    expect(
      mayWrite(callerFor('system'), observation({ meta: label }), observation()),
    ).toBeUndefined();
  });

  it.each(['laboratory', 'imaging', 'procedure', 'therapy'])(
    'a nurse writes no %s result',
    (code) => {
      expect(mayWrite(nurse, undefined, observation({ category: category(code) }))).toBeDefined();
      expect(
        mayWrite(nurse, observation({ category: category(code) }), observation()),
      ).toBeDefined();
      expect(
        mayWrite(practitioner, undefined, observation({ category: category(code) })),
      ).toBeUndefined();
    },
  );

  it('sign in their own name only', () => {
    const id = '018f0000-0000-7000-8000-000000000004';
    const own = callerFor('practitioner', { fhirUser: { type: 'Practitioner', id } });
    const by = (...parties: Party[]): Composition => ({
      resourceType: 'Composition',
      status: 'preliminary',
      type: { text: 'note' },
      date: '2026-11-21',
      title: 'Note',
      author: [doctor],
      attester: parties.map((party) => ({ mode: 'professional', party })),
    });
    const mine = { reference: `Practitioner/${id}` };
    expect(mayWrite(own, undefined, by(mine))).toBeUndefined();
    expect(mayWrite(own, by(doctor), by(doctor, mine))).toBeUndefined();
    for (const forged of [by(doctor), by(mine, doctor), by({ display: 'Dr Lindqvist' })])
      expect(mayWrite(own, undefined, forged)).toMatchObject({ code: 'forbidden' });
    expect(mayWrite(practitioner, undefined, by(doctor))).toBeDefined();
    expect(mayWrite(callerFor('system'), undefined, by(doctor))).toBeUndefined();
  });

  it('a nurse writes vital signs', () => {
    const vital = observation({ category: category('vital-signs') });
    expect(mayWrite(nurse, undefined, vital)).toBeUndefined();
  });
});

describe('granular scopes', () => {
  const client = callerFor('system', {
    kind: 'client',
    scopes: parseScopes(
      'system/Observation.cruds?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory',
    ),
  });
  const lab = observation({ category: category('laboratory') });
  const vital = observation({ category: category('vital-signs') });

  it('hold on every way out', () => {
    for (const verb of ['read', 'vread', 'history', 'search'] as const) {
      expect(scopeAllows(client, verb, lab)).toBe(true);
      expect(scopeAllows(client, verb, vital)).toBe(false);
      expect(scopeAllows(client, verb, observation())).toBe(false);
    }
  });

  it('hold on both sides of a write', () => {
    expect(mayWrite(client, undefined, lab)).toBeUndefined();
    expect(mayWrite(client, undefined, vital)).toBeDefined();
    expect(mayWrite(client, vital, lab)).toBeDefined();
    expect(mayWrite(client, lab, vital)).toBeDefined();
  });

  it('mind the system of a code', () => {
    const homonym = observation({
      category: [{ coding: [{ system: 'urn:x', code: 'laboratory' }] }],
    });
    expect(scopeAllows(client, 'read', homonym)).toBe(false);
    const loose = callerFor('system', {
      scopes: parseScopes('system/Observation.rs?category=laboratory'),
    });
    expect(scopeAllows(loose, 'read', homonym)).toBe(true);
    expect(scopeAllows(loose, 'read', vital)).toBe(false);
  });
});

describe('without a licence in force', () => {
  const lapsed = callerFor('practitioner', {
    fhirUser: { type: 'Practitioner', id: 'doc' },
    licence: { proven: true, until: 0 },
  });
  const refused = (before: Resource | undefined, after: Resource) =>
    mayWrite(lapsed, before, after)?.code;
  const order: MedicationRequest = {
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: { text: 'Morphine' },
    dosageInstruction: [{ text: 'once' }],
    subject: { reference: 'Patient/p' },
  };
  const visit = (status: Appointment['status'], more: Partial<Appointment> = {}): Appointment => ({
    resourceType: 'Appointment',
    status,
    start: '2027-01-01T10:00:00Z',
    participant: [
      { status: 'accepted', actor: { reference: 'Practitioner/doc' } },
      { status: 'accepted', actor: { reference: 'Patient/p' } },
    ],
    ...more,
  });

  it('she stops what was ordered, and orders nothing under the word of stopping', () => {
    const held: MedicationRequest = { ...order, status: 'on-hold' };
    expect(refused(order, held)).toBeUndefined();
    expect(refused(order, { ...held, statusReason: { text: 'rash' } })).toBeUndefined();
    for (const status of ['on-hold', 'completed', 'stopped'] as const)
      expect(refused(undefined, { ...order, status })).toBe('licence-required');
    expect(refused(order, { ...held, dosageInstruction: [{ text: 'ten times' }] })).toBe(
      'licence-required',
    );
    expect(refused(held, order)).toBe('licence-required');
  });

  it('she books and begins no visit of her own; cancelling one, and those of others, go on', () => {
    expect(refused(undefined, visit('booked'))).toBe('licence-required');
    expect(refused(visit('booked'), visit('booked', { start: '2027-01-02T10:00:00Z' }))).toBe(
      'licence-required',
    );
    expect(refused(visit('booked'), visit('cancelled'))).toBeUndefined();
    expect(refused(visit('booked'), visit('booked', { comment: 'x' }))).toBeUndefined();
    const others = {
      participant: [{ status: 'accepted' as const, actor: { reference: 'Patient/p' } }],
    };
    expect(refused(undefined, visit('booked', others))).toBeUndefined();
    const encounter = (status: Encounter['status']): Encounter => ({
      resourceType: 'Encounter',
      status,
      class: { code: 'VR' },
      participant: [{ individual: { reference: 'Practitioner/doc' } }],
    });
    expect(refused(encounter('planned'), encounter('in-progress'))).toBe('licence-required');
    expect(refused(encounter('in-progress'), encounter('finished'))).toBeUndefined();
  });
});

/** Two clinics that a restricted caller cannot tell apart: what she may see is the same in both, what she may not differs. */
import { callerFor, parseScopes } from '@afar/access';
import type { Caller } from '@afar/access';
import type { Observation, Resource } from '@afar/fhir';
import { labelToken } from '../tokens.ts';

/** 2026-11-21T12:00:00Z: both clinics live at the same instant. */
export const noon = Date.UTC(2026, 10, 21, 12);

const id = (n: number): string => `20000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** Ids that are the same in both clinics. */
export const known = {
  doctor: id(1),
  nurse: id(2),
  other: id(3),
  /** In Anna's team, as the doctor is. */
  trainee: id(204),
  clinic: id(10),
  branch: id(11),
  anna: id(20),
  bela: id(21),
  /** The hidden patient: in both clinics, with another name, number and chart in each. */
  hidden: id(30),
  /** A second hidden patient: in one clinic only. */
  only: id(31),
  hiddenVisit: id(40),
  hiddenWeight: id(41),
  annasVisit: id(50),
  annasWeight: id(51),
  annasReport: id(52),
  /** Labelled: all of them are shut out of it. */
  annasSecret: id(53),
  belasVisit: id(60),
  belasWeight: id(61),
  moved: id(62),
  gone: id(63),
} as const;

const refer = (type: string, to: string) => ({ reference: `${type}/${to}` });

function weight(rid: string, patient: string, visit: string, value: number): Observation {
  return {
    resourceType: 'Observation',
    id: rid,
    status: 'final',
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/observation-category',
            code: 'vital-signs',
          },
        ],
      },
    ],
    code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }], text: 'Weight' },
    subject: refer('Patient', patient),
    encounter: refer('Encounter', visit),
    performer: [refer('Practitioner', known.doctor)],
    effectiveDateTime: `2026-0${1 + (value % 9)}-01T08:00:00Z`,
    valueQuantity: { value, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' },
  };
}

const dayOfMarch = (day: number): string => `2026-03-${String(day).padStart(2, '0')}`;

const visit = (rid: string, patient: string, day: number): Resource => ({
  resourceType: 'Encounter',
  id: rid,
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'VR' },
  subject: refer('Patient', patient),
  serviceProvider: refer('Organization', known.clinic),
  period: { start: dayOfMarch(day), end: dayOfMarch(day + 1) },
});

const person = (rid: string, family: string, number: string, birthDate: string): Resource => ({
  resourceType: 'Patient',
  id: rid,
  identifier: [{ system: 'urn:mrn', value: number }],
  name: [{ family, given: ['Sam'] }],
  gender: 'female',
  birthDate,
  managingOrganization: refer('Organization', known.clinic),
  generalPractitioner: [refer('Practitioner', known.doctor)],
});

const team = (patient: string, ...members: string[]): Resource => ({
  resourceType: 'CareTeam',
  id: patient.replace(/^2/, '3'),
  status: 'active',
  subject: refer('Patient', patient),
  participant: members.map((member) => ({ member: refer('Practitioner', member) })),
});

const staff = (rid: string, family: string): Resource => ({
  resourceType: 'Practitioner',
  id: rid,
  name: [{ family }],
});

/** What the restricted callers may see: byte for byte the same in both clinics. */
export const shared: readonly Resource[] = [
  staff(known.doctor, 'Lind'),
  staff(known.nurse, 'Okafor'),
  staff(known.other, 'Marsh'),
  { resourceType: 'Organization', id: known.clinic, name: 'Harbour clinic' },
  {
    resourceType: 'Organization',
    id: known.branch,
    name: 'Hill branch',
    partOf: refer('Organization', known.clinic),
  },
  person(known.anna, 'Vale', 'A-1', '1980-01-01'),
  person(known.bela, 'Vale', 'B-2', '1990-05-05'),
  team(known.anna, known.doctor, known.nurse, known.trainee),
  team(known.bela, known.doctor, known.nurse),
  visit(known.annasVisit, known.anna, 2),
  visit(known.belasVisit, known.bela, 4),
  weight(known.annasWeight, known.anna, known.annasVisit, 61),
  weight(known.belasWeight, known.bela, known.belasVisit, 72),
];

/** Points from a seen chart into the hidden one, in both clinics alike. */
export const bridges: readonly Resource[] = [
  {
    resourceType: 'DiagnosticReport',
    id: known.annasReport,
    status: 'final',
    code: { text: 'Both' },
    subject: refer('Patient', known.anna),
    encounter: refer('Encounter', known.annasVisit),
    result: [refer('Observation', known.annasWeight), refer('Observation', known.hiddenWeight)],
  },
];

export type Side = 'left' | 'right';

/** What nobody of them may see. The sides differ in every way a search could notice: names, numbers, codes, dates, count. */
export function hiddenOf(side: Side): Resource[] {
  const left = side === 'left';
  return [
    person(
      known.hidden,
      left ? 'Vale' : 'Zorn',
      left ? 'H-9' : 'H-7',
      left ? '1980-01-01' : '1931-12-31',
    ),
    team(known.hidden, known.other),
    visit(known.hiddenVisit, known.hidden, left ? 2 : 20),
    weight(known.hiddenWeight, known.hidden, known.hiddenVisit, left ? 61 : 90),
    ...(left
      ? [
          person(known.only, 'Vale', 'A-2', '1990-05-05'),
          // An id that its clinic chose, and that others could guess.
          person('MRN-9', 'Quill', 'Q-1', '1970-07-07'),
          team(known.only, known.other),
          visit(id(42), known.only, 4),
          ...Array.from({ length: 12 }, (_, n) => weight(id(100 + n), known.only, id(42), 60 + n)),
          {
            resourceType: 'Provenance',
            id: id(43),
            recorded: '2026-03-02T10:00:00Z',
            target: [refer('Patient', known.only)],
            agent: [{ who: refer('Practitioner', known.doctor) }],
          } as Resource,
        ]
      : []),
  ];
}

/** Inside a seen chart, under a label that shuts them out: another content on each side. */
export function labelledOf(side: Side): Resource {
  const value = side === 'left' ? 61 : 99;
  return {
    ...weight(known.annasSecret, known.anna, known.annasVisit, value),
    meta: {
      security: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }],
    },
  } as Resource;
}

/** Once of the hidden chart, now of Béla's: the version before must stay hidden. */
export const movedOf = (side: Side): Resource[] => [
  weight(known.moved, known.hidden, known.hiddenVisit, side === 'left' ? 61 : 88),
  weight(known.moved, known.bela, known.belasVisit, 73),
];

export const goneOf = (side: Side): Resource =>
  weight(known.gone, known.hidden, known.hiddenVisit, side === 'left' ? 64 : 91);

export const restrictedLabel = (key: Parameters<typeof labelToken>[0]): bigint =>
  labelToken(key, 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', 'R');

/** Who asks. The same ids in both clinics. */
export function askers(): Record<string, Caller> {
  const over = (n: number): Partial<Caller> => ({
    id: id(900 + n),
    at: noon,
    requestId: `twins-${n}`,
  });
  return {
    doctor: callerFor('practitioner', {
      ...over(1),
      fhirUser: { type: 'Practitioner', id: known.doctor },
    }),
    nurse: callerFor('nurse', { ...over(2), fhirUser: { type: 'Practitioner', id: known.nurse } }),
    patient: callerFor('patient', { ...over(3), fhirUser: { type: 'Patient', id: known.anna } }),
    administrator: callerFor('administrator', over(4)),
    auditor: callerFor('auditor', over(5)),
    narrow: callerFor('practitioner', {
      ...over(6),
      fhirUser: { type: 'Practitioner', id: known.doctor },
      scopes: parseScopes('user/Observation.rs user/Organization.rs'),
    }),
  };
}

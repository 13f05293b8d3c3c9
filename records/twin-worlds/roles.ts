/** Callers of whom a role or a token hides a part of a chart they hold: what is hidden differs in the two clinics, the rest does not. */
import { callerFor, parseScopes } from '@afar/access';
import type { Caller, GrantRow } from '@afar/access';
import type { Resource } from '@afar/fhir';
import type { Side } from './people.ts';
import { known, noon } from './people.ts';

const id = (n: number): string => `20000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** Ids that are the same in both clinics. */
export const held = {
  resident: id(201),
  pharmacist: id(202),
  reader: id(203),
  trainee: id(204),
  proxy: id(205),
  link: id(206),
  paramedic: id(207),
  /** Held by the resident, the paramedic and an app: images are hers to see, laboratory and notes are not. */
  rhea: id(210),
  rheasImage: id(211),
  rheasStudy: id(212),
  rheasLab: id(213),
  rheasWeight: id(214),
  /** Held by the pharmacist: signed prescriptions, no drafts, no diagnoses. */
  phil: id(220),
  philsOrder: id(221),
  philsDraft: id(222),
  philsProblem: id(223),
  /** Herself, her proxy, a guest she shared with: signed notes, none that waits. */
  nora: id(230),
  norasNote: id(231),
  norasWaiting: id(232),
} as const;

const refer = (type: string, to: string) => ({ reference: `${type}/${to}` });

const person = (rid: string, family: string): Resource => ({
  resourceType: 'Patient',
  id: rid,
  identifier: [{ system: 'urn:mrn', value: rid.slice(-4) }],
  name: [{ family, given: ['Sam'] }],
  birthDate: '1975-03-03',
  managingOrganization: refer('Organization', known.clinic),
});
const team = (patient: string, ...members: string[]): Resource => ({
  resourceType: 'CareTeam',
  id: patient.replace(/^2/, '3'),
  status: 'active',
  subject: refer('Patient', patient),
  participant: members.map((member) => ({ member: refer('Practitioner', member) })),
});
const report = (rid: string, code: 'CT' | 'LAB', text: string): Resource => ({
  resourceType: 'DiagnosticReport',
  id: rid,
  status: 'final',
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v2-0074', code }] }],
  code: { text },
  subject: refer('Patient', held.rhea),
  issued: '2026-03-02T10:00:00Z',
  ...(code === 'CT' && {
    imagingStudy: [refer('ImagingStudy', held.rheasStudy)],
    result: [refer('Observation', held.rheasWeight)],
  }),
});
const prescription = (rid: string, status: 'active' | 'draft', text: string): Resource => ({
  resourceType: 'MedicationRequest',
  id: rid,
  status,
  intent: 'order',
  medicationCodeableConcept: { text },
  subject: refer('Patient', held.phil),
  reasonReference: [refer('Condition', held.philsProblem)],
  authoredOn: '2026-03-02',
});
const note = (rid: string, status: 'final' | 'preliminary', title: string): Resource => ({
  resourceType: 'Composition',
  id: rid,
  status,
  type: { text: 'note' },
  subject: refer('Patient', held.nora),
  date: '2026-03-02T10:00:00Z',
  author: [refer('Practitioner', known.doctor)],
  title,
});

/** Byte for byte the same in both clinics. */
export const heldByRoles: readonly Resource[] = [
  ...[held.resident, held.pharmacist, held.reader, held.trainee].map((rid): Resource => ({
    resourceType: 'Practitioner',
    id: rid,
    name: [{ family: 'Role' }],
  })),
  person(held.rhea, 'Rhead'),
  person(held.phil, 'Philips'),
  person(held.nora, 'Noren'),
  team(held.rhea, held.resident, held.reader),
  team(held.phil, held.pharmacist),
  {
    resourceType: 'RelatedPerson',
    id: held.proxy,
    active: true,
    patient: refer('Patient', held.nora),
  },
  {
    resourceType: 'ImagingStudy',
    id: held.rheasStudy,
    status: 'available',
    subject: refer('Patient', held.rhea),
    started: '2026-03-02T09:00:00Z',
  },
];

/** After what they point at: the sides differ in what each of the roles may not see. */
export function heldOf(side: Side): Resource[] {
  const left = side === 'left';
  const day = left ? '2026-03-02' : '2026-05-20';
  return [
    {
      resourceType: 'Observation',
      id: held.rheasWeight,
      status: left ? 'final' : 'amended',
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
      subject: refer('Patient', held.rhea),
      effectiveDateTime: day,
      valueQuantity: {
        value: left ? 61 : 95,
        unit: 'kg',
        system: 'http://unitsofmeasure.org',
        code: 'kg',
      },
    },
    report(held.rheasLab, 'LAB', left ? 'Potassium' : 'HIV antibody'),
    {
      resourceType: 'Condition',
      id: held.philsProblem,
      subject: refer('Patient', held.phil),
      code: { text: left ? 'Asthma' : 'Schizophrenia' },
      recordedDate: day,
    },
    prescription(held.philsDraft, 'draft', left ? 'salbutamol' : 'clozapine'),
    note(held.norasWaiting, 'preliminary', left ? 'Well' : 'Suspected tumour'),
  ];
}

/** The same again, after what differs. */
export const heldLast: readonly Resource[] = [
  report(held.rheasImage, 'CT', 'CT of the chest'),
  prescription(held.philsOrder, 'active', 'fluticasone'),
  note(held.norasNote, 'final', 'Visit note'),
];

/** Grants that no resource of these clinics gives. */
export const givenByHouse: readonly GrantRow[] = [
  { principal: held.link, patient: held.nora, class: 'chart', purpose: 'PATRQT', source: 'Link/1' },
  {
    principal: held.paramedic,
    patient: held.rhea,
    class: 'chart',
    purpose: 'ETREAT',
    source: 'BreakGlass/1',
  },
].map((row) => ({ ...row, starts: noon - 1, ends: noon + 3_600_000 }));

/** Who asks, besides those of people.ts. */
export function askersByRole(): Record<string, Caller> {
  const over = (n: number): Partial<Caller> => ({
    id: id(950 + n),
    at: noon,
    requestId: `twins-role-${n}`,
  });
  const staff = (rid: string) => ({ fhirUser: { type: 'Practitioner' as const, id: rid } });
  return {
    resident: callerFor('resident', { ...over(1), ...staff(held.resident) }),
    pharmacist: callerFor('pharmacist', { ...over(2), ...staff(held.pharmacist) }),
    paramedic: callerFor('paramedic', {
      ...over(3),
      id: held.paramedic,
      principals: [held.paramedic],
      purpose: 'ETREAT',
    }),
    herself: callerFor('patient', { ...over(4), fhirUser: { type: 'Patient', id: held.nora } }),
    proxy: callerFor('patient', {
      ...over(5),
      fhirUser: { type: 'RelatedPerson', id: held.proxy },
    }),
    guest: callerFor('guest', {
      ...over(6),
      id: held.link,
      kind: 'guest',
      principals: [held.link],
    }),
    app: callerFor('practitioner', {
      ...over(7),
      ...staff(held.reader),
      scopes: parseScopes(
        'user/Patient.rs user/Observation.crus?category=laboratory user/DiagnosticReport.rs?category=CT',
      ),
    }),
    trainee: callerFor('trainee', { ...over(8), ...staff(held.trainee) }),
  };
}

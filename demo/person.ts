/** A made-up patient, as the FHIR Patient resource. */
import type { Patient } from '@afar/fhir';
import type { Calendar } from './calendar.ts';
import { clinicUrl, type Clinic, type MemberKey } from './clinic.ts';
import { hl7Coding, system } from './codes.ts';

export interface Person {
  key: string;
  mrn: string;
  given: string[];
  family: string;
  /** The name in another script, or the one she goes by. */
  usual?: { given: string[]; family?: string };
  gender: 'female' | 'male' | 'other';
  /** Turned `years` that many `days` ago. */
  age: { years: number; days: number };
  phone: string;
  email?: string;
  address: { line: string[]; city: string; state?: string; postalCode: string; country: string };
  language: string;
  interpreter?: boolean;
  marital?: 'M' | 'S' | 'W' | 'D' | 'T';
  contact?: { relation: string; display: string; given: string[]; family: string; phone: string };
  doctor: MemberKey;
  deceased?: number;
}

const marital = {
  M: 'Married',
  S: 'Never Married',
  W: 'Widowed',
  D: 'Divorced',
  T: 'Domestic partner',
};

export function patientOf(person: Person, id: string, dates: Calendar, clinic: Clinic): Patient {
  const { usual, contact } = person;
  return {
    resourceType: 'Patient',
    id,
    identifier: [
      {
        use: 'usual',
        type: { coding: [hl7Coding('v2-0203', 'MR', 'Medical record number')] },
        system: `${clinicUrl}/mrn`,
        value: person.mrn,
        assigner: clinic.organization,
      },
    ],
    active: person.deceased === undefined,
    name: [
      { use: 'official', family: person.family, given: person.given },
      ...(usual ? [{ use: 'usual' as const, ...usual }] : []),
    ],
    telecom: [
      { system: 'phone', value: person.phone, use: 'mobile', rank: 1 },
      ...(person.email
        ? [{ system: 'email' as const, value: person.email, use: 'home' as const }]
        : []),
    ],
    gender: person.gender,
    birthDate: dates.birth(person.age.years, person.age.days),
    ...(person.deceased !== undefined && {
      deceasedDateTime: dates.at(person.deceased, '04:40', clinic.zoneOf(person.doctor)),
    }),
    address: [{ use: 'home', type: 'both', ...person.address }],
    ...(person.marital && {
      maritalStatus: {
        coding: [hl7Coding('v3-MaritalStatus', person.marital, marital[person.marital])],
      },
    }),
    ...(contact && {
      contact: [
        {
          relationship: [{ coding: [hl7Coding('v3-RoleCode', contact.relation, contact.display)] }],
          name: { family: contact.family, given: contact.given },
          telecom: [{ system: 'phone', value: contact.phone, use: 'mobile' }],
        },
      ],
    }),
    communication: [
      {
        language: { coding: [{ system: system.language, code: person.language }] },
        preferred: true,
      },
    ],
    ...(person.interpreter && {
      extension: [
        {
          url: 'http://hl7.org/fhir/StructureDefinition/patient-interpreterRequired',
          valueBoolean: true,
        },
      ],
    }),
    generalPractitioner: [clinic.member(person.doctor)],
    managingOrganization: clinic.organization,
  };
}

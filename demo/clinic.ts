/** The practice itself: one organisation, two places, and those who work there. */
import type {
  Organization,
  Location,
  Practitioner,
  PractitionerRole,
  Reference,
  Resource,
} from '@afar/fhir';
import { snomed, system } from './codes.ts';

import type { DemoRole } from './types.ts';

export const newYork = 'America/New_York';
export const madrid = 'Europe/Madrid';

/** Identifier systems of the made-up clinic, on a name that can never exist [RFC 2606]. */
export const clinicUrl = 'https://harborlight.example.org';

export interface Member {
  key: string;
  prefix?: string;
  given: string[];
  family: string;
  suffix?: string;
  gender: 'female' | 'male';
  email: string;
  phone: string;
  locale: string;
  zone: string;
  /** Code and word of HL7's practitioner-role. */
  role: ['doctor' | 'nurse' | 'pharmacist', string];
  account: DemoRole;
  supervisor?: string;
  specialty: [code: string, display: string];
  languages: string[];
}

export const members = {
  castellanos: {
    key: 'castellanos',
    prefix: 'Dr.',
    given: ['Naomi'],
    family: 'Castellanos-Wright',
    suffix: 'MD',
    gender: 'female',
    email: 'naomi.castellanos@example.org',
    phone: '+1 212 555 0111',
    locale: 'en-US',
    zone: newYork,
    role: ['doctor', 'Doctor'],
    account: 'practitioner',
    specialty: ['419192003', 'Internal medicine'],
    languages: ['en-US', 'es'],
  },
  iturbide: {
    key: 'iturbide',
    prefix: 'Dr.',
    given: ['Rafael'],
    family: 'Iturbide Montalvo',
    suffix: 'MD',
    gender: 'male',
    email: 'rafael.iturbide@example.org',
    phone: '+34 910 555 012',
    locale: 'es-ES',
    zone: madrid,
    role: ['doctor', 'Doctor'],
    account: 'practitioner',
    specialty: ['419772000', 'Family practice'],
    languages: ['es', 'en-US', 'eu'],
  },
  adeyemi: {
    key: 'adeyemi',
    prefix: 'Dr.',
    given: ['Oluwaseun'],
    family: 'Adeyemi-Clarke',
    suffix: 'MD',
    gender: 'male',
    email: 'oluwaseun.adeyemi@example.org',
    phone: '+1 212 555 0113',
    locale: 'en-US',
    zone: newYork,
    role: ['doctor', 'Doctor'],
    account: 'practitioner',
    specialty: ['394814009', 'General practice'],
    languages: ['en-US', 'yo'],
  },
  lindqvist: {
    key: 'lindqvist',
    given: ['Margarethe'],
    family: 'Lindqvist',
    suffix: 'RN',
    gender: 'female',
    email: 'margarethe.lindqvist@example.org',
    phone: '+1 212 555 0114',
    locale: 'en-US',
    zone: newYork,
    role: ['nurse', 'Nurse'],
    account: 'nurse',
    specialty: ['722163006', 'Nursing'],
    languages: ['en-US', 'sv'],
  },
  solheim: {
    key: 'solheim',
    given: ['Ingrid'],
    family: 'Solheim-Baptiste',
    suffix: 'MD',
    gender: 'female',
    email: 'ingrid.solheim@example.org',
    phone: '+1 212 555 0115',
    locale: 'en-US',
    zone: newYork,
    role: ['doctor', 'Doctor'],
    account: 'trainee',
    supervisor: 'castellanos',
    specialty: ['419192003', 'Internal medicine'],
    languages: ['en-US', 'no'],
  },
  wierzbicki: {
    key: 'wierzbicki',
    given: ['Tomasz'],
    family: 'Wierzbicki',
    suffix: 'MD',
    gender: 'male',
    email: 'tomasz.wierzbicki@example.org',
    phone: '+1 212 555 0116',
    locale: 'en-US',
    zone: newYork,
    role: ['doctor', 'Doctor'],
    account: 'resident',
    supervisor: 'adeyemi',
    specialty: ['394914008', 'Radiology'],
    languages: ['en-US', 'pl'],
  },
  farahani: {
    key: 'farahani',
    given: ['Leila'],
    family: 'Farahani',
    suffix: 'PharmD',
    gender: 'female',
    email: 'leila.farahani@example.org',
    phone: '+1 212 555 0117',
    locale: 'en-US',
    zone: newYork,
    role: ['pharmacist', 'Pharmacist'],
    account: 'pharmacist',
    specialty: ['394873005', 'Pharmacy'],
    languages: ['en-US', 'fa'],
  },
  asante: {
    key: 'asante',
    given: ['Kwame'],
    family: 'Asante-Boateng',
    suffix: 'NRP',
    gender: 'male',
    email: 'kwame.asante@example.org',
    phone: '+1 212 555 0118',
    locale: 'en-US',
    zone: newYork,
    role: ['doctor', 'Doctor'],
    account: 'paramedic',
    specialty: ['773568002', 'Emergency medicine'],
    languages: ['en-US'],
  },
} as const satisfies Record<string, Member>;

export type MemberKey = keyof typeof members;

export function nameOf(member: Member): string {
  return [member.prefix, ...member.given, member.family].filter(Boolean).join(' ');
}

/** References into the practice, for the charts. */
export interface Clinic {
  organization: Reference<Organization>;
  place(zone: string): Reference<Location>;
  member(key: MemberKey): Reference<Practitioner>;
  zoneOf(key: MemberKey): string;
}

const places = [
  {
    zone: newYork,
    name: 'Harborlight Telehealth, New York',
    phone: '+1 212 555 0100',
    address: {
      line: ['48 Gansevoort Quay', 'Floor 3'],
      city: 'New York',
      state: 'NY',
      postalCode: '10014',
      country: 'US',
    },
  },
  {
    zone: madrid,
    name: 'Harborlight Telehealth, Madrid',
    phone: '+34 910 555 010',
    address: {
      line: ['Calle del Almirante Farol 27'],
      city: 'Madrid',
      postalCode: '28004',
      country: 'ES',
    },
  },
];

export function clinic(id: (name: string) => string): { clinic: Clinic; resources: Resource[] } {
  const organization: Organization = {
    resourceType: 'Organization',
    id: id('organization'),
    active: true,
    identifier: [{ system: `${clinicUrl}/organization`, value: 'HARBORLIGHT' }],
    type: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/organization-type',
            code: 'prov',
            display: 'Healthcare Provider',
          },
        ],
      },
    ],
    name: 'Harborlight Telehealth',
    telecom: [
      { system: 'phone', value: '+1 212 555 0100', use: 'work' },
      { system: 'email', value: 'hello@harborlight.example.org', use: 'work' },
    ],
  };
  const home: Reference<Organization> = {
    reference: `Organization/${organization.id}`,
    display: organization.name,
  };
  const placeId = (zone: string) => id(`place ${zone}`);
  const locations = places.map(({ zone, name, phone, address }): Location => ({
    resourceType: 'Location',
    id: placeId(zone),
    extension: [{ url: 'http://hl7.org/fhir/StructureDefinition/timezone', valueCode: zone }],
    status: 'active',
    name,
    mode: 'instance',
    telecom: [{ system: 'phone', value: phone, use: 'work' }],
    address: { use: 'work', ...address },
    managingOrganization: home,
  }));
  const people = Object.values<Member>(members).flatMap(
    (member): [Practitioner, PractitionerRole] => {
      const practitioner: Practitioner = {
        resourceType: 'Practitioner',
        id: id(`practitioner ${member.key}`),
        identifier: [
          {
            system: `${clinicUrl}/staff`,
            value: `HL-${member.family.slice(0, 3).toUpperCase()}-${member.phone.slice(-3)}`,
          },
        ],
        active: true,
        name: [
          {
            use: 'official',
            family: member.family,
            given: [...member.given],
            ...(member.prefix && { prefix: [member.prefix] }),
            ...(member.suffix && { suffix: [member.suffix] }),
          },
        ],
        telecom: [
          { system: 'email', value: member.email, use: 'work' },
          { system: 'phone', value: member.phone, use: 'work' },
        ],
        gender: member.gender,
        communication: member.languages.map((code) => ({
          coding: [{ system: system.language, code }],
        })),
      };
      const reference = { reference: `Practitioner/${practitioner.id}`, display: nameOf(member) };
      return [
        practitioner,
        {
          resourceType: 'PractitionerRole',
          id: id(`role ${member.key}`),
          active: true,
          practitioner: reference,
          organization: home,
          code: [
            {
              coding: [
                {
                  system: 'http://terminology.hl7.org/CodeSystem/practitioner-role',
                  code: member.role[0],
                  display: member.role[1],
                },
              ],
            },
          ],
          specialty: [snomed(...member.specialty)],
          location: [{ reference: `Location/${placeId(member.zone)}` }],
          telecom: [{ system: 'email', value: member.email, use: 'work' }],
        },
      ];
    },
  );
  return {
    clinic: {
      organization: home,
      place: (zone) => ({
        reference: `Location/${placeId(zone)}`,
        display: places.find((place) => place.zone === zone)?.name,
      }),
      member: (key) => ({
        reference: `Practitioner/${id(`practitioner ${key}`)}`,
        display: nameOf(members[key]),
      }),
      zoneOf: (key) => members[key].zone,
    },
    resources: [organization, ...locations, ...people],
  };
}

/** The resources of a registration: charts, who stands for whom, what was agreed to, and what the front desk should look at. */
import type { Consent, Patient, RelatedPerson, Task } from '@afar/fhir';
import type { DependantInput, PersonInput, RegisterChannel, Relation } from './contract.ts';
import { reaches } from './person.ts';

/** The version of the terms; their words are in the web app (locales: register.json). */
export const termsVersion = '2026-11';

/** On a RelatedPerson: the account that acts by it. Sealed with the rest of the body. */
export const accountSystem = 'urn:afar:account';
export const taskSystem = 'urn:afar:task';
export const duplicateCode = 'possible-duplicate';
const roleCode = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode';

const isoDay = (at: number): string => new Date(at).toISOString().slice(0, 10);

export interface Reached {
  channel: RegisterChannel;
  address: string;
}

export function patientOf(person: PersonInput, language: string, reached?: Reached): Patient {
  return {
    resourceType: 'Patient',
    active: true,
    name: [{ use: 'official', family: person.family, given: person.given.split(' ') }],
    gender: person.sex,
    birthDate: person.birthDate,
    communication: [
      { language: { coding: [{ system: 'urn:ietf:bcp:47', code: language }] }, preferred: true },
    ],
    ...(reached && {
      telecom: [
        reached.channel === 'mail'
          ? { system: 'email', value: reached.address }
          : { system: 'phone', use: 'mobile', value: reached.address },
      ],
    }),
  };
}

/** What she is to the dependant [v3 RoleCode]. */
const codes: Record<Relation, { code: string; display: string }> = {
  child: { code: 'PRN', display: 'parent' },
  parent: { code: 'CHILD', display: 'child' },
  other: { code: 'FAMMEMB', display: 'family member' },
};

export function relationOf(related: RelatedPerson): Relation {
  const known = related.relationship?.flatMap((one) => one.coding ?? []).map((one) => one.code);
  const found = Object.entries(codes).find(([, { code }]) => known?.includes(code));
  return (found?.[0] as Relation | undefined) ?? 'other';
}

/** When a parent's access ends: on the day the child comes of age; undefined for who is no child. ms since epoch */
export const endOf = (
  { relation, birthDate }: DependantInput,
  majority: number,
): number | undefined => (relation === 'child' ? reaches(birthDate, majority) : undefined);

/** @param by who she is, in her own chart's words */
export function relatedOf(
  patient: string,
  dependant: DependantInput,
  by: { account: string; name: string },
  now: number,
  majority: number,
): RelatedPerson {
  const ends = endOf(dependant, majority);
  return {
    resourceType: 'RelatedPerson',
    active: true,
    identifier: [{ system: accountSystem, value: by.account }],
    patient: { reference: `Patient/${patient}` },
    relationship: [{ coding: [{ system: roleCode, ...codes[dependant.relation] }] }],
    name: [{ text: by.name }],
    // The last day is part of a period [FHIR R4 datatypes.html#period]: the day before she comes of age.
    period: { start: isoDay(now), ...(ends !== undefined && { end: isoDay(ends - 86_400_000) }) },
  };
}

/** That the terms were agreed to. It decides nothing about who sees what: its scope is treatment, not privacy. */
export function termsConsent(patient: string, by: string, now: number): Consent {
  return {
    resourceType: 'Consent',
    status: 'active',
    scope: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/consentscope', code: 'treatment' }],
    },
    category: [
      {
        coding: [
          {
            system: 'http://loinc.org',
            code: '57016-8',
            display: 'Privacy policy acknowledgement Document',
          },
        ],
      },
    ],
    patient: { reference: `Patient/${patient}` },
    dateTime: new Date(now).toISOString(),
    performer: [{ reference: by }],
    policy: [{ uri: `urn:afar:terms:${termsVersion}` }],
  };
}

/** For the front desk: the new chart may be somebody's second one. */
export function duplicateTask(patient: string, charts: readonly string[], now: number): Task {
  return {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    code: { coding: [{ system: taskSystem, code: duplicateCode }] },
    for: { reference: `Patient/${patient}` },
    focus: { reference: `Patient/${patient}` },
    authoredOn: new Date(now).toISOString(),
    input: charts.map((id) => ({
      type: { coding: [{ system: taskSystem, code: 'candidate' }] },
      valueReference: { reference: `Patient/${id}` },
    })),
  };
}

/** What matters of a chart in the first minutes: read as the caller, so that consent and role decide here as everywhere. */
import { may, type Caller } from '@afar/access';
import type {
  AllergyIntolerance,
  CodeableConcept,
  Condition,
  Consent,
  Device,
  MedicationRequest,
  MedicationStatement,
  Patient,
  RelatedPerson,
  Resource,
} from '@afar/fhir';
import type { SharingDeps } from '../create-sharing.ts';
import type { EmergencySummary, SummaryLine } from './contract.ts';
import { plainName } from './find-patient.ts';
import { openedView } from './open-glass.ts';
import type { GlassEntry } from './store.ts';

/** More than these of one kind nobody reads in the first minutes. */
const most = 100;

const words = (concept: CodeableConcept | undefined): string =>
  concept?.text ??
  concept?.coding?.find((one) => one.display)?.display ??
  concept?.coding?.[0]?.code ??
  '';

const coded = (concept: CodeableConcept | undefined, ...codes: string[]): boolean =>
  concept?.coding?.some(({ code }) => codes.includes(code ?? '')) ?? false;

const line = (text: string, detail?: string, grave = false): SummaryLine[] =>
  text ? [{ text, ...(detail && { detail }), ...(grave && { grave }) }] : [];

function allergyLine(it: AllergyIntolerance): SummaryLine[] {
  if (coded(it.clinicalStatus, 'inactive', 'resolved')) return [];
  if (coded(it.verificationStatus, 'refuted', 'entered-in-error')) return [];
  const signs = (it.reaction ?? []).flatMap((one) => one.manifestation.map(words)).filter(Boolean);
  const grave =
    it.criticality === 'high' || (it.reaction ?? []).some((one) => one.severity === 'severe');
  return line(words(it.code), signs.join(', '), grave);
}

function conditionLine(it: Condition): SummaryLine[] {
  if (coded(it.clinicalStatus, 'inactive', 'remission', 'resolved')) return [];
  if (coded(it.verificationStatus, 'refuted', 'entered-in-error')) return [];
  return line(words(it.code), it.onsetDateTime?.slice(0, 10));
}

function requestLine(it: MedicationRequest): SummaryLine[] {
  if (it.status !== 'active' || it.doNotPerform) return [];
  return line(
    words(it.medicationCodeableConcept) || (it.medicationReference?.display ?? ''),
    it.dosageInstruction?.[0]?.text,
  );
}

function statementLine(it: MedicationStatement): SummaryLine[] {
  if (!['active', 'intended', 'unknown'].includes(it.status ?? '')) return [];
  return line(
    words(it.medicationCodeableConcept) || (it.medicationReference?.display ?? ''),
    it.dosage?.[0]?.text,
  );
}

function deviceLine(it: Device): SummaryLine[] {
  if (it.status === 'inactive' || it.status === 'entered-in-error') return [];
  return line(words(it.type) || (it.deviceName?.[0]?.name ?? ''), it.modelNumber);
}

/** [FHIR R4 valueset-consent-scope: adr] Advance directives, and whether to resuscitate. */
function directiveLine(it: Consent): SummaryLine[] {
  if (it.status !== 'active' || !coded(it.scope, 'adr')) return [];
  return line(it.category.map(words).filter(Boolean).join(', '), it.dateTime?.slice(0, 10));
}

const phoneOf = (telecom: { system?: string; value?: string }[] | undefined): string | undefined =>
  telecom?.find((one) => one.system === 'phone')?.value;

/** Lines without what stands there twice. */
const once = (lines: SummaryLine[]): SummaryLine[] => [
  ...new Map(lines.map((one) => [`${one.text} ${one.detail ?? ''}`, one])).values(),
];

/** @throws Refusal `not-found` once the grant is over */
export async function emergencySummary(
  { records }: SharingDeps,
  caller: Caller,
  entry: GlassEntry,
): Promise<EmergencySummary> {
  const { patient } = entry;
  async function all<T extends Resource>(type: T['resourceType']): Promise<T[]> {
    if (!may(caller, 'search', type)) return [];
    const found = await records.search(caller, type, [
      ['patient', patient],
      ['_count', String(most)],
    ]);
    return (found.entry ?? []).flatMap(({ resource, search }) =>
      resource?.resourceType === type && search?.mode !== 'outcome' ? [resource as T] : [],
    );
  }
  const [person, allergies, conditions, requests, statements, devices, related, consents] =
    await Promise.all([
      records.read<Patient>(caller, 'Patient', patient),
      all<AllergyIntolerance>('AllergyIntolerance'),
      all<Condition>('Condition'),
      all<MedicationRequest>('MedicationRequest'),
      all<MedicationStatement>('MedicationStatement'),
      all<Device>('Device'),
      all<RelatedPerson>('RelatedPerson'),
      all<Consent>('Consent'),
    ]);
  const { resource } = person;
  const contacts = [
    ...(resource.contact ?? []).map(({ name, relationship, telecom }) => ({
      name: plainName(name && [name]),
      relation: words(relationship?.[0]),
      phone: phoneOf(telecom),
    })),
    ...related
      .filter(({ active }) => active !== false)
      .map(({ name, relationship, telecom }) => ({
        name: plainName(name),
        relation: words(relationship?.[0]),
        phone: phoneOf(telecom),
      })),
  ];
  const listed = allergies.flatMap(allergyLine);
  return {
    ...openedView(entry),
    name: plainName(resource.name),
    ...(resource.birthDate && { birthDate: resource.birthDate }),
    ...(resource.gender && { sex: resource.gender }),
    allergies: once([...listed.filter((one) => one.grave), ...listed.filter((one) => !one.grave)]),
    conditions: once(conditions.flatMap(conditionLine)),
    medications: once([...requests.flatMap(requestLine), ...statements.flatMap(statementLine)]),
    devices: once(devices.flatMap(deviceLine)),
    directives: once(consents.flatMap(directiveLine)),
    contacts: contacts
      .filter((one) => one.name || one.phone)
      .map(({ name, relation, phone }) => ({
        name,
        ...(relation && { relation }),
        ...(phone && { phone }),
      })),
  };
}

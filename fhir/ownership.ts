/** Whose a resource is: one owner path per type picks the key; every patient it names is in the compartment. */
import type { Resource } from '@medplum/fhirtypes';
import compartmentLines from './generated/compartment.json' with { type: 'json' };
import { parseReference } from './reference-shape.ts';
import { searchParams } from './search-params.ts';

/**
 * Golden list: where the one patient stands whose chart a resource of this type belongs to. Types of class
 * `patient` that are missing here (Group, Bundle, Parameters...) have no single owner.
 */
export const ownerPath: Readonly<Record<string, string>> = {
  Account: 'subject',
  AdverseEvent: 'subject',
  AllergyIntolerance: 'patient',
  Appointment: 'participant.actor',
  AppointmentResponse: 'actor',
  Basic: 'subject',
  Binary: 'securityContext',
  BodyStructure: 'patient',
  CarePlan: 'subject',
  CareTeam: 'subject',
  ChargeItem: 'subject',
  Claim: 'patient',
  ClaimResponse: 'patient',
  ClinicalImpression: 'subject',
  Communication: 'subject',
  CommunicationRequest: 'subject',
  Composition: 'subject',
  Condition: 'subject',
  Consent: 'patient',
  Contract: 'subject',
  Coverage: 'beneficiary',
  CoverageEligibilityRequest: 'patient',
  CoverageEligibilityResponse: 'patient',
  DetectedIssue: 'patient',
  Device: 'patient',
  DeviceRequest: 'subject',
  DeviceUseStatement: 'subject',
  DiagnosticReport: 'subject',
  DocumentManifest: 'subject',
  DocumentReference: 'subject',
  Encounter: 'subject',
  EnrollmentRequest: 'candidate',
  EpisodeOfCare: 'patient',
  ExplanationOfBenefit: 'patient',
  FamilyMemberHistory: 'patient',
  Flag: 'subject',
  Goal: 'subject',
  GuidanceResponse: 'subject',
  ImagingStudy: 'subject',
  Immunization: 'patient',
  ImmunizationEvaluation: 'patient',
  ImmunizationRecommendation: 'patient',
  Invoice: 'subject',
  List: 'subject',
  MeasureReport: 'subject',
  Media: 'subject',
  MedicationAdministration: 'subject',
  MedicationDispense: 'subject',
  MedicationRequest: 'subject',
  MedicationStatement: 'subject',
  MolecularSequence: 'patient',
  NutritionOrder: 'patient',
  Observation: 'subject',
  Person: 'link.target',
  Procedure: 'subject',
  Provenance: 'target',
  QuestionnaireResponse: 'subject',
  RelatedPerson: 'patient',
  RequestGroup: 'subject',
  ResearchSubject: 'individual',
  RiskAssessment: 'subject',
  ServiceRequest: 'subject',
  Specimen: 'subject',
  SupplyDelivery: 'patient',
  SupplyRequest: 'deliverTo',
  Task: 'for',
  VisionPrescription: 'patient',
};

export interface Owner {
  type: 'Patient';
  /** As written, version dropped: `Patient/<id>`, or `urn:uuid:...` inside a transaction. */
  ref: string;
  /** Set for a relative reference. */
  id?: string;
}

type Json = Record<string, unknown>;

function follow(value: unknown, steps: string[], out: Json[]): void {
  if (Array.isArray(value)) {
    for (const one of value) follow(one, steps, out);
  } else if (typeof value === 'object' && value !== null) {
    if (steps.length === 0) out.push(value as Json);
    else follow((value as Json)[steps[0]!], steps.slice(1), out);
  }
}

/**
 * The one patient a resource belongs to, or undefined: the first reference on its type's owner path that leads to a
 * Patient here. A Patient owns itself once it has an id. A `urn:uuid:` reference counts when nothing else is known
 * about its type (`Reference.type`) or it says Patient; rewrite references before storing.
 */
export function ownerOf(resource: Resource): Owner | undefined {
  const { resourceType: type, id } = resource;
  if (type === 'Patient') return id ? { type, ref: `Patient/${id}`, id } : undefined;
  const path = ownerPath[type];
  if (!path) return undefined;
  const found: Json[] = [];
  follow(resource, path.split('.'), found);
  return found.map(patientIn).find((owner) => owner !== undefined);
}

function patientIn({ reference, type }: Json): Owner | undefined {
  if (typeof reference !== 'string') return undefined;
  const literal = parseReference(reference);
  if (literal.type === 'Patient' && literal.base === '' && literal.id)
    return { type: 'Patient', ref: `Patient/${literal.id}`, id: literal.id };
  const placeholder =
    reference.startsWith('urn:uuid:') && (type === undefined || type === 'Patient');
  return placeholder ? { type: 'Patient', ref: reference } : undefined;
}

const compartment = new Map(
  compartmentLines.map((line) => {
    const [type = '', ...params] = line.split(' ');
    return [type, params];
  }),
);

/** The search parameters that put a resource of this type in a patient's compartment. */
export function compartmentParams(type: string): readonly string[] {
  return compartment.get(type) ?? [];
}

/**
 * Ids of every patient a resource names by the patient compartment [FHIR R4 compartmentdefinition-patient.html]
 * and by its owner path; the patients whose denials apply.
 */
export function patientsOf(resource: Resource): string[] {
  const ids = new Set<string>();
  const owner = ownerOf(resource)?.id;
  if (owner) ids.add(owner);
  const params = searchParams(resource.resourceType);
  for (const code of compartmentParams(resource.resourceType))
    for (const value of params.get(code)?.extract(resource) ?? []) {
      const { reference } = value as { reference?: unknown };
      if (typeof reference !== 'string') continue;
      const literal = parseReference(reference);
      if (literal.type === 'Patient' && literal.base === '' && literal.id) ids.add(literal.id);
    }
  return [...ids];
}

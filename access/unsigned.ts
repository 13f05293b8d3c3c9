/** What those who may not sign may write: drafts, in their own name, that somebody else signs or orders. */
import type { Resource } from '@afar/fhir';
import type { Caller } from './caller.ts';

/**
 * The states in which nobody has answered for it yet. What has left them was signed or ordered by somebody else, and is
 * not the trainee's to change any more. [FHIR R4 valueset-composition-status, valueset-diagnostic-report-status,
 * valueset-medicationrequest-status, valueset-request-status]
 */
const unsigned: Readonly<Record<string, readonly string[]>> = {
  Composition: ['preliminary'],
  DiagnosticReport: ['registered', 'partial', 'preliminary'],
  MedicationRequest: ['draft'],
  ServiceRequest: ['draft'],
  DeviceRequest: ['draft'],
  NutritionOrder: ['draft'],
  SupplyRequest: ['draft'],
  VisionPrescription: ['draft'],
  CarePlan: ['draft'],
};

/** Prescriptions given as done, and papers that carry a signature of their own. */
const neverTheirs = new Set([
  'MedicationAdministration',
  'MedicationDispense',
  'Contract',
  'Claim',
]);

const statusOf = (resource: Resource | undefined): string | undefined =>
  (resource as { status?: string } | undefined)?.status;

/** `[what is wrong, where]`, or undefined when a trainee or resident may write this. */
export function unsignedFault(
  caller: Caller,
  before: Resource | undefined,
  after: Resource,
): [diagnostics: string, expression: string] | undefined {
  const type = after.resourceType;
  if (neverTheirs.has(type)) return ['not without a licence of her own', type];
  if (type === 'Provenance' && after.signature?.length)
    return ['who may not sign leaves no signature', 'Provenance.signature'];
  if (type === 'DocumentReference' && after.docStatus !== 'preliminary')
    return ['a document waits for its supervisor: preliminary', 'DocumentReference.docStatus'];
  if (!Object.hasOwn(unsigned, type)) return undefined;
  const open = unsigned[type]!;
  if (before && !open.includes(statusOf(before) ?? ''))
    return ['what was signed or ordered is not hers to change', type];
  // A draft may be taken back; nothing else may come of it by her hand.
  const back = before ? ['entered-in-error', 'cancelled', 'revoked'] : [];
  if (![...open, ...back].includes(statusOf(after) ?? ''))
    return [`she writes it as ${open.join(' or ')}: another signs`, `${type}.status`];
  if (after.resourceType === 'Composition') {
    const self = `${caller.fhirUser?.type}/${caller.fhirUser?.id}`;
    if (!before && !after.author.some((one) => one.reference === self))
      return ['only in your own name', 'Composition.author'];
    if (after.attester?.length) return ['who may not sign attests nothing', 'Composition.attester'];
  }
  return undefined;
}

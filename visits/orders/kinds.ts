/** What can be ordered: which FHIR type each kind is, and how it is told from others again. */
import type { CodeableConcept, ServiceRequest } from '@afar/fhir';
import type { OrderKind } from '../contract.ts';

/** Our own word for a kind, on ServiceRequest.category. */
export const orderKindSystem = 'urn:afar:order-kind';
/** [HL7 v2 table 0074] diagnostic services: what laboratories and radiology look for. */
export const serviceSection = 'http://terminology.hl7.org/CodeSystem/v2-0074';
/** [DICOM PS3.16 CID 29] acquisition modalities. */
export const dicomSystem = 'http://dicom.nema.org/resources/ontology/DCM';

export const orderKinds = {
  'follow-up': 'ServiceRequest',
  task: 'Task',
  appointment: 'Appointment',
  lab: 'ServiceRequest',
  imaging: 'ServiceRequest',
  referral: 'ServiceRequest',
} as const satisfies Record<OrderKind, string>;

/** Kinds that are answered by a result. */
export type WatchedKind = 'lab' | 'imaging' | 'referral';

const sections: Partial<Record<OrderKind, string>> = { lab: 'LAB', imaging: 'RAD' };

export function categoryOf(kind: OrderKind): CodeableConcept[] {
  const section = sections[kind];
  return [
    {
      coding: [
        { system: orderKindSystem, code: kind },
        ...(section ? [{ system: serviceSection, code: section }] : []),
      ],
    },
  ];
}

// What others call the same [HL7 v2 table 0074; SNOMED CT codes that FHIR R4 servicerequest-category lists].
const elsewhere: Record<string, WatchedKind> = {
  LAB: 'lab',
  CH: 'lab',
  HM: 'lab',
  MB: 'lab',
  PAT: 'lab',
  '108252007': 'lab',
  RAD: 'imaging',
  CT: 'imaging',
  NMR: 'imaging',
  RUS: 'imaging',
  '363679005': 'imaging',
  '3457005': 'referral',
};

/** The kind of an order, ours or another system's; `follow-up` when its category does not say. */
export function kindOf({
  category = [],
}: ServiceRequest): Exclude<OrderKind, 'task' | 'appointment'> {
  const codings = category.flatMap((one) => one.coding ?? []);
  const ours = codings.find((one) => one.system === orderKindSystem)?.code;
  if (ours === 'lab' || ours === 'imaging' || ours === 'referral') return ours;
  for (const { code } of codings)
    if (code && Object.hasOwn(elsewhere, code)) return elsewhere[code]!;
  return 'follow-up';
}

export const isWatched = (request: ServiceRequest): boolean => kindOf(request) !== 'follow-up';

/**
 * Days until a result should have come, by kind and priority: a week for a laboratory, two for a picture, a month for a colleague's
 * answer; a third of it when urgent, a day when at once.
 */
export function daysToWait(kind: OrderKind, priority: string | undefined): number {
  if (priority === 'stat' || priority === 'asap') return 1;
  const days = { lab: 7, imaging: 14, referral: 30 }[kind as WatchedKind] ?? 30;
  return priority === 'urgent' ? Math.ceil(days / 3) : days;
}

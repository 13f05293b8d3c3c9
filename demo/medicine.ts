/** A prescription: what, how much, how often, until when, and why it ended. */
import type {
  CodeableConcept,
  MedicationRequest,
  Patient,
  Practitioner,
  Reference,
} from '@afar/fhir';
import type { MemberKey } from './clinic.ts';
import { fromHl7, snomed } from './codes.ts';

export interface Medicine {
  since: number;
  /** Stopped or finished that many days ago. */
  until?: number;
  stopped?: string;
  sig: string;
  dose?: [value: number, unit: string];
  /** Times in a number of days: `[2, 1]` is twice a day. */
  times?: [number, number];
  asNeeded?: boolean;
  route?: 'oral' | 'inhaled' | 'topical' | 'injected';
  for?: string;
  by?: MemberKey;
}

const routes = {
  oral: snomed('26643006', 'Oral route'),
  inhaled: snomed('447694001', 'Respiratory tract route', 'Inhaled'),
  topical: snomed('6064005', 'Topical route'),
  injected: snomed('78421000', 'Intramuscular route'),
};

export function prescription(
  code: CodeableConcept,
  how: Medicine,
  links: {
    id: string;
    patient: Reference<Patient>;
    requester: Reference<Practitioner>;
    since: string;
    until?: string;
    condition?: string;
  },
): MedicationRequest {
  return {
    resourceType: 'MedicationRequest',
    id: links.id,
    status: how.stopped ? 'stopped' : how.until === undefined ? 'active' : 'completed',
    ...(how.stopped && { statusReason: { text: how.stopped } }),
    intent: 'order',
    category: [fromHl7('medicationrequest-category', 'community', 'Community')],
    medicationCodeableConcept: code,
    subject: links.patient,
    authoredOn: links.since,
    requester: links.requester,
    ...(links.condition && { reasonReference: [{ reference: `Condition/${links.condition}` }] }),
    dosageInstruction: [
      {
        text: how.sig,
        ...(how.times && {
          timing: { repeat: { frequency: how.times[0], period: how.times[1], periodUnit: 'd' } },
        }),
        ...(how.asNeeded && { asNeededBoolean: true }),
        route: routes[how.route ?? 'oral'],
        ...(how.dose && {
          doseAndRate: [{ doseQuantity: { value: how.dose[0], unit: how.dose[1] } }],
        }),
      },
    ],
    ...(links.until && {
      dispenseRequest: { validityPeriod: { start: links.since, end: links.until } },
    }),
  };
}

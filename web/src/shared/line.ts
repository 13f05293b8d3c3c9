/** One line of a shared record: what it is, and when. */
import type { Observation, Resource } from '@medplum/fhirtypes';
import { conceptText } from '../kit/fhir.ts';

export interface Line {
  id: string;
  what: string;
  more?: string;
  /** A FHIR date or instant. */
  when?: string;
}

function valueOf(it: Observation): string {
  const { valueQuantity: quantity, valueCodeableConcept: concept, valueString } = it;
  if (quantity?.value !== undefined) return `${quantity.value} ${quantity.unit ?? ''}`.trim();
  const parts = (it.component ?? []).map((one) => one.valueQuantity?.value).filter(Boolean);
  return valueString ?? (concept ? conceptText(concept) : parts.join(' / '));
}

/** Undefined for types the page does not show. */
export function lineOf(it: Resource): Line | undefined {
  const id = `${it.resourceType}/${it.id ?? ''}`;
  const line = (what: string, when?: string, more?: string): Line => ({
    id,
    what: what || it.resourceType,
    ...(more && { more }),
    ...(when && { when }),
  });
  switch (it.resourceType) {
    case 'Condition':
      return line(
        conceptText(it.code),
        it.onsetDateTime ?? it.recordedDate,
        conceptText(it.clinicalStatus),
      );
    case 'AllergyIntolerance':
      return line(
        conceptText(it.code),
        it.recordedDate,
        (it.reaction ?? []).flatMap((one) => one.manifestation.map(conceptText)).join(', '),
      );
    case 'MedicationRequest':
      return line(
        conceptText(it.medicationCodeableConcept),
        it.authoredOn,
        it.dosageInstruction?.[0]?.text,
      );
    case 'MedicationStatement':
      return line(
        conceptText(it.medicationCodeableConcept),
        it.effectiveDateTime,
        it.dosage?.[0]?.text,
      );
    case 'Observation':
      return line(conceptText(it.code), it.effectiveDateTime ?? it.issued, valueOf(it));
    case 'DiagnosticReport':
      return line(conceptText(it.code), it.effectiveDateTime ?? it.issued, it.conclusion);
    case 'Immunization':
      return line(conceptText(it.vaccineCode), it.occurrenceDateTime);
    case 'Composition':
      return line(it.title, it.date);
    case 'DocumentReference':
      return line(it.description ?? conceptText(it.type), it.date);
    case 'Encounter':
      return line(conceptText(it.type?.[0]) || conceptText(it.reasonCode?.[0]), it.period?.start);
    default:
      return undefined;
  }
}

/** One life as a line of events, newest first. Pure. */
import type {
  Composition,
  Condition,
  Encounter,
  Immunization,
  MedicationRequest,
  Procedure,
} from '@medplum/fhirtypes';
import { conceptText } from '../kit/fhir.ts';

export type EventKind = 'visit' | 'problem' | 'medicine' | 'procedure' | 'vaccine' | 'note';

export interface TimelineEvent {
  key: string;
  kind: EventKind;
  /** FHIR date or instant, as written: its precision is what is known. */
  date: string;
  title: string;
  detail: string;
  /** Sections of a note, to read in place. */
  sections?: { title: string; text: string }[];
}

export interface TimelineSources {
  encounters?: Encounter[] | undefined;
  conditions?: Condition[] | undefined;
  medicines?: MedicationRequest[] | undefined;
  procedures?: Procedure[] | undefined;
  immunizations?: Immunization[] | undefined;
  notes?: Composition[] | undefined;
}

/** The words of a narrative: tags out, entities back, line breaks kept. Never put into the page as HTML. */
export function narrativeText(div: string | undefined): string {
  return (div ?? '')
    .replace(/<br\s*\/?>|<\/p>|<\/li>/gi, '\n')
    .replace(/<[^>]*>/g, '')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;|&apos;/g, "'")
    .replace(/&amp;/g, '&')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

export function timeline(sources: TimelineSources): TimelineEvent[] {
  const events: TimelineEvent[] = [
    ...(sources.encounters ?? []).map((one) => ({
      key: `visit-${one.id}`,
      kind: 'visit' as const,
      date: one.period?.start ?? '',
      title: conceptText(one.type?.[0]) || conceptText(one.reasonCode?.[0]),
      detail: conceptText(one.reasonCode?.[0]),
    })),
    ...(sources.conditions ?? []).map((one) => ({
      key: `problem-${one.id}`,
      kind: 'problem' as const,
      date: one.onsetDateTime ?? one.onsetPeriod?.start ?? one.recordedDate ?? '',
      title: conceptText(one.code),
      detail: conceptText(one.clinicalStatus),
    })),
    ...(sources.medicines ?? []).map((one) => ({
      key: `medicine-${one.id}`,
      kind: 'medicine' as const,
      date: one.authoredOn ?? '',
      title: conceptText(one.medicationCodeableConcept),
      detail: one.dosageInstruction?.[0]?.text ?? '',
    })),
    ...(sources.procedures ?? []).map((one) => ({
      key: `procedure-${one.id}`,
      kind: 'procedure' as const,
      date: one.performedDateTime ?? one.performedPeriod?.start ?? '',
      title: conceptText(one.code),
      detail: conceptText(one.reasonCode?.[0]),
    })),
    ...(sources.immunizations ?? []).map((one) => ({
      key: `vaccine-${one.id}`,
      kind: 'vaccine' as const,
      date: one.occurrenceDateTime ?? '',
      title: conceptText(one.vaccineCode),
      detail: '',
    })),
    ...(sources.notes ?? []).map((one) => ({
      key: `note-${one.id}`,
      kind: 'note' as const,
      date: one.date ?? '',
      title: one.title ?? conceptText(one.type),
      detail: one.author?.[0]?.display ?? '',
      sections: (one.section ?? []).map((section) => ({
        title: section.title ?? conceptText(section.code),
        text: narrativeText(section.text?.div),
      })),
    })),
  ];
  return events
    .filter((event) => event.title !== '')
    .map((event) => (event.detail === event.title ? { ...event, detail: '' } : event))
    .toSorted((one, other) => other.date.localeCompare(one.date));
}

/** Years, newest first; what has no date comes last under an empty year. */
export function byYear(events: TimelineEvent[]): [string, TimelineEvent[]][] {
  const years = Map.groupBy(events, (event) => event.date.slice(0, 4));
  return [...years].toSorted(([one], [other]) => other.localeCompare(one));
}

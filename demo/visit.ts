/** A past visit: the appointment it was booked as, and the encounter it became. */
import type {
  Appointment,
  CodeableConcept,
  Encounter,
  Location,
  Organization,
  Patient,
  Practitioner,
  Reference,
} from '@afar/fhir';
import type { MemberKey } from './clinic.ts';
import { fromHl7, hl7Coding, system, type MeasureName } from './codes.ts';
import type { Soap } from './note.ts';

export type Values = Partial<Record<MeasureName, number>>;

export interface Visit {
  daysAgo: number;
  /** Wall-clock time at the clinician's clinic. */
  time: string;
  mode: 'video' | 'in-person';
  type: CodeableConcept;
  reason: string;
  minutes: number;
  by?: MemberKey;
  /** Problems the visit was about, by key. */
  about?: string[];
  pressure?: readonly [number, number];
  vitals?: Values;
  soap?: Soap;
}

/** What the visit is tied to, once the chart knows. */
export interface VisitLinks {
  appointment: string;
  encounter: string;
  patient: Reference<Patient>;
  doctor: Reference<Practitioner>;
  organization: Reference<Organization>;
  place: Reference<Location>;
  conditions: string[];
  booked: string;
  start: string;
  end: string;
}

const modes = {
  video: { class: hl7Coding('v3-ActCode', 'VR', 'virtual'), display: 'Video visit' },
  'in-person': { class: hl7Coding('v3-ActCode', 'AMB', 'ambulatory'), display: 'In-person visit' },
};

const modeOf = (visit: Visit): CodeableConcept => ({
  coding: [{ system: system.visitMode, code: visit.mode, display: modes[visit.mode].display }],
});

export function appointmentOf(visit: Visit, links: VisitLinks): Appointment {
  return {
    resourceType: 'Appointment',
    id: links.appointment,
    status: 'fulfilled',
    appointmentType: modeOf(visit),
    reasonCode: [{ text: visit.reason }],
    start: links.start,
    end: links.end,
    minutesDuration: visit.minutes,
    created: links.booked,
    participant: [
      { actor: links.patient, status: 'accepted' },
      { actor: links.doctor, status: 'accepted' },
    ],
  };
}

export function encounterOf(visit: Visit, links: VisitLinks): Encounter {
  const period = { start: links.start, end: links.end };
  return {
    resourceType: 'Encounter',
    id: links.encounter,
    status: 'finished',
    class: modes[visit.mode].class,
    type: [visit.type, modeOf(visit)],
    subject: links.patient,
    participant: [
      {
        type: [fromHl7('v3-ParticipationType', 'PPRF', 'primary performer')],
        period,
        individual: links.doctor,
      },
    ],
    appointment: [{ reference: `Appointment/${links.appointment}` }],
    period,
    length: { value: visit.minutes, unit: 'min', system: system.ucum, code: 'min' },
    reasonCode: [{ text: visit.reason }],
    ...(links.conditions.length > 0 && {
      diagnosis: links.conditions.map((id) => ({ condition: { reference: `Condition/${id}` } })),
    }),
    ...(visit.mode === 'in-person' && { location: [{ location: links.place }] }),
    serviceProvider: links.organization,
  };
}

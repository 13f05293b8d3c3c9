/** The Encounter of a visit: how it begins, how it ends [FHIR R4 encounter.html]. */
import type { Appointment, Encounter, Extension, QuestionnaireResponse } from '@afar/fhir';
import type { QualitySummary } from '../contract.ts';
import { iso } from '../house.ts';
import { answersIn } from '../intake/answers.ts';
import { reasonOf } from '../appointment-view.ts';
import type { VisitRow } from '../visit-row.ts';
import {
  actCode,
  complaintExtension,
  modeCoding,
  participationType,
  qualityExtension,
} from '../vocabulary.ts';
import { billingCoding } from './billing.ts';

/** VR for what happens at a distance, AMB for the clinic [HL7 v3 ActEncounterCode]. */
export function encounterClass(mode: string): Encounter['class'] {
  return mode === 'in-person'
    ? { system: actCode, code: 'AMB', display: 'ambulatory' }
    : { system: actCode, code: 'VR', display: 'virtual' };
}

export function openEncounter(
  row: VisitRow,
  appointment: Appointment,
  intake: QuestionnaireResponse | undefined,
  now: number,
): Encounter {
  const complaint = answersIn(intake?.item)['chief-complaint'];
  const reason = reasonOf(appointment);
  return {
    resourceType: 'Encounter',
    status: 'in-progress',
    class: encounterClass(row.mode),
    type: [{ coding: [modeCoding(row.mode)] }],
    ...(appointment.serviceType?.[0] && { serviceType: appointment.serviceType[0] }),
    subject: { reference: `Patient/${row.patient}` },
    participant: [
      {
        type: [
          { coding: [{ system: participationType, code: 'PPRF', display: 'primary performer' }] },
        ],
        period: { start: iso(now) },
        individual: { reference: `Practitioner/${row.clinician}` },
      },
    ],
    appointment: [{ reference: `Appointment/${row.rid}` }],
    period: { start: iso(now) },
    ...(reason && { reasonCode: [{ text: reason }] }),
    ...(typeof complaint === 'string' && {
      extension: [{ url: complaintExtension, valueString: complaint }],
    }),
  };
}

function qualityOf(quality: QualitySummary): Extension {
  const figures = (['rttMs', 'loss', 'fps', 'concealed', 'restarts', 'samples'] as const).flatMap(
    (url): Extension[] => (quality[url] === undefined ? [] : [{ url, valueDecimal: quality[url] }]),
  );
  return {
    url: qualityExtension,
    extension: [
      { url: 'rating', valueCode: quality.rating },
      { url: 'audioOnly', valueBoolean: quality.audioOnly },
      ...figures,
    ],
  };
}

/** What is known once it is over: end, length, how it was really held, billing code, quality of the connection. */
export function closeEncounter(
  encounter: Encounter,
  end: { at: number; minutes: number; mode: string; billingCode: string; quality: QualitySummary },
): Encounter {
  const billing = billingCoding(end.billingCode);
  const kept = (encounter.extension ?? []).filter((one) => one.url !== qualityExtension);
  return {
    ...encounter,
    status: 'finished',
    class: encounterClass(end.mode),
    type: [{ coding: [modeCoding(end.mode)] }, ...(billing ? [{ coding: [billing] }] : [])],
    period: { ...encounter.period, end: iso(end.at) },
    participant: encounter.participant?.map((one) => ({
      ...one,
      period: { ...one.period, end: one.period?.end ?? iso(end.at) },
    })),
    // [FHIR R4 encounter.html] length leaves out leaves of absence; UCUM minutes.
    length: { value: end.minutes, unit: 'min', system: 'http://unitsofmeasure.org', code: 'min' },
    extension: [...kept, qualityOf(end.quality)],
  };
}

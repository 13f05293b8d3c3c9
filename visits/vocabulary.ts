/** Names of codes and extensions: HL7's own and LOINC where they exist, ours (`urn:afar:...`) where a licence would be needed. */

export const loinc = 'http://loinc.org';
export const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
export const participantType = 'http://terminology.hl7.org/CodeSystem/participant-type';
export const participationType = 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType';

/** How a visit is held: video, audio, chat, in-person, phone. On Appointment.appointmentType and Encounter.type. */
export const visitModeSystem = 'urn:afar:visit-mode';
/** Our own billing codes: CPT and the like are licensed; a practice maps these to what its payer asks. On Encounter.type. */
export const billingSystem = 'urn:afar:visit-billing';
/** Extension on Encounter: rating and figures of the connection. */
export const qualityExtension = 'urn:afar:visit-quality';
/** Extension on Encounter: since when it goes on by telephone, by whom, why. */
export const phoneExtension = 'urn:afar:phone-conversion';
/** Extension on Encounter: what the patient complains of, in the intake's words. */
export const complaintExtension = 'urn:afar:chief-complaint';
/** Extension on a Questionnaire item or answer option: this answer (true, or this choice) must not wait for a visit. */
export const redFlagExtension = 'urn:afar:red-flag';
/** Canonical url of the intake that every booking asks, until the clinic has its own of that url. */
export const intakeUrl = 'urn:afar:questionnaire:intake';

/** Note sections [LOINC 11488-4 Consult note; 61150-9 Subjective, 61149-1 Objective, 51848-0 Assessment, 18776-5 Plan]. */
export const noteType = { system: loinc, code: '11488-4', display: 'Consult note' } as const;
export const sectionCodes = {
  subjective: { system: loinc, code: '61150-9', display: 'Subjective' },
  objective: { system: loinc, code: '61149-1', display: 'Objective' },
  assessment: { system: loinc, code: '51848-0', display: 'Assessment' },
  plan: { system: loinc, code: '18776-5', display: 'Plan of care' },
} as const;

const modeDisplays: Record<string, string> = {
  video: 'Video visit',
  audio: 'Audio visit',
  chat: 'Chat visit',
  'in-person': 'In-person visit',
  phone: 'Telephone visit',
};

export function modeCoding(mode: string): { system: string; code: string; display: string } {
  return { system: visitModeSystem, code: mode, display: modeDisplays[mode] ?? mode };
}

/** Why an Appointment was called off [FHIR R4 valueset-appointment-cancellation-reason]. */
const cancellationSystem = 'http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason';
/** Extension on Appointment: called off after the time until which that is free. */
export const lateCancellation = 'urn:afar:late-cancellation';

export const cancelCoding = (code: string): { system: string; code: string } => ({
  system: cancellationSystem,
  code,
});

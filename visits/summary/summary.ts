/** What the patient takes home: who, when, why, what was found, what to do; readable once the note is signed. */
import type { Caller } from '@afar/access';
import type { Appointment, Encounter, MedicationRequest, Task } from '@afar/fhir';
import { reasonOf } from '../appointment-view.ts';
import { ordersOf } from '../orders/orders.ts';
import type { TaskView, VisitMode, VisitSummary } from '../contract.ts';
import { iso, type House } from '../house.ts';
import { clinicianBrief, patientBrief } from '../people.ts';
import { scheduleOf } from '../scheduling/schedules.ts';
import type { VisitRow } from '../visit-row.ts';
import { isForPatient, taskView } from '../tasks/task.ts';
import { visitModeSystem } from '../vocabulary.ts';
import { visitModes } from '../scheduling/rule.ts';
import { signedNoteOf } from '../note/draft.ts';

function medicine(request: MedicationRequest): { name: string; dosage: string } {
  const concept = request.medicationCodeableConcept;
  const name =
    concept?.text ?? concept?.coding?.[0]?.display ?? request.medicationReference?.display ?? '';
  return { name, dosage: request.dosageInstruction?.[0]?.text ?? '' };
}

/** 100: a chart with more active medicines needs a pharmacist, not a longer page. */
async function medicines(
  house: House,
  caller: Caller,
  patient: string,
): Promise<{ name: string; dosage: string }[]> {
  const found = await house.records.search(caller, 'MedicationRequest', [
    ['patient', `Patient/${patient}`],
    ['status', 'active'],
    ['_count', '100'],
  ]);
  return (found.entry ?? [])
    .flatMap((one) => (one.resource?.resourceType === 'MedicationRequest' ? [one.resource] : []))
    .map(medicine)
    .filter((one) => one.name);
}

/** 50: what one visit gives a patient to do. */
async function ownTasks(house: House, caller: Caller, row: VisitRow): Promise<TaskView[]> {
  const found = await house.records.search(caller, 'Task', [
    ['patient', `Patient/${row.patient}`],
    ['encounter', `Encounter/${row.encounter}`],
    ['_count', '50'],
  ]);
  return (found.entry ?? [])
    .flatMap(({ resource }) => (resource?.resourceType === 'Task' ? [resource as Task] : []))
    .filter(isForPatient)
    .map(taskView)
    .filter((one) => one.state !== 'cancelled');
}

export async function summaryOf(
  house: House,
  caller: Caller,
  row: VisitRow,
  appointment: Appointment,
): Promise<VisitSummary> {
  const note = await signedNoteOf(house, caller, row);
  if (!note || !row.encounter) return { status: 'pending' };
  const [encounter, clinician, patient, schedule, taken, followUp, tasks] = await Promise.all([
    house.records.read<Encounter>(caller, 'Encounter', row.encounter),
    clinicianBrief(house, caller, row.clinician),
    patientBrief(house, caller, row.patient),
    scheduleOf(house.db, row.tenant, row.clinician),
    medicines(house, caller, row.patient),
    ordersOf(house, caller, row),
    ownTasks(house, caller, row),
  ]);
  const { period, length, type } = encounter.resource;
  const held = type
    ?.flatMap((one) => one.coding ?? [])
    .find((one) => one.system === visitModeSystem)?.code;
  return {
    status: 'ready',
    visit: row.rid,
    patient: { id: row.patient, name: patient?.name ?? '' },
    clinician,
    mode: [...visitModes, 'phone'].includes(held ?? '') ? (held as VisitMode) : row.mode,
    start: period?.start ?? iso(row.starts),
    ...(period?.end && { end: period.end }),
    ...(length?.value !== undefined && { minutes: length.value }),
    zone: schedule?.rule.zone ?? 'UTC',
    reason: reasonOf(appointment),
    found: note.sections.assessment,
    plan: note.sections.plan,
    medicines: taken,
    // What was taken back is no next step; what was for the staff the record store left out.
    followUp: followUp.filter((one) => one.status !== 'cancelled' && one.kind !== 'task'),
    tasks,
    signedAt: note.signed.at,
    addenda: note.addenda.map(({ at, text }) => ({ at, text })),
  };
}

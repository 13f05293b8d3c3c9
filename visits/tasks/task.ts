/** A task after a visit as FHIR, and its words again [FHIR R4 task.html]: the patient's own, or a colleague's. */
import type { Task } from '@afar/fhir';
import type { TaskView } from '../contract.ts';
import { iso } from '../house.ts';

/** What a Task is for, on Task.code: patients may read `for-patient` and no other. */
export const taskSystem = 'urn:afar:task';
export const forPatient = 'for-patient';
export const forStaff = 'for-staff';

export interface NewTask {
  for: 'patient' | 'staff';
  text: string;
  due?: string;
  /** Practitioner id; staff only. */
  owner?: string;
}

export function taskResource(
  of: { patient: string; encounter?: string | null; author: string },
  { for: who, text, due, owner }: NewTask,
  now: number,
): Task {
  const patient = { reference: `Patient/${of.patient}` };
  return {
    resourceType: 'Task',
    status: 'requested',
    intent: 'order',
    code: { coding: [{ system: taskSystem, code: who === 'patient' ? forPatient : forStaff }] },
    description: text,
    for: patient,
    owner: who === 'patient' ? patient : { reference: `Practitioner/${owner ?? of.author}` },
    ...(of.encounter && { encounter: { reference: `Encounter/${of.encounter}` } }),
    requester: { reference: `Practitioner/${of.author}` },
    authoredOn: iso(now),
    lastModified: iso(now),
    ...(due && { restriction: { period: { end: due } } }),
  };
}

export const isForPatient = (task: Task): boolean =>
  task.code?.coding?.some((one) => one.system === taskSystem && one.code === forPatient) ?? false;

/** What a review of a result, or the house's own bookkeeping, leaves is nobody's task. */
export const isSomebodys = (task: Task): boolean => {
  const code = task.code?.coding?.find((one) => one.system === taskSystem)?.code;
  return code === undefined
    ? task.description !== undefined
    : [forPatient, forStaff].includes(code);
};

const states: Record<string, TaskView['state']> = {
  completed: 'done',
  cancelled: 'cancelled',
  rejected: 'cancelled',
  failed: 'cancelled',
  'entered-in-error': 'cancelled',
};

export const ownerOf = (task: Task): string | undefined => {
  const [type, id] = task.owner?.reference?.split('/') ?? [];
  return type === 'Practitioner' ? id : undefined;
};

/** Without names: the room adds them as the reader. */
export function taskView(task: Task): Omit<TaskView, 'patient' | 'owner' | 'givenBy'> {
  const state = states[task.status] ?? 'open';
  return {
    id: task.id!,
    for: isForPatient(task) ? 'patient' : 'staff',
    text: task.description ?? '',
    ...(task.restriction?.period?.end && { due: task.restriction.period.end }),
    state,
    givenAt: task.authoredOn ?? '',
    ...(state === 'done' && task.executionPeriod?.end && { doneAt: task.executionPeriod.end }),
  };
}

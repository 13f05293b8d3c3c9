/** Tasks after a visit: given, listed, done, opened again, passed to a colleague. */
import { actsFor, type Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Task } from '@afar/fhir';
import type { TaskRequest, TaskView, Tasks } from '../contract.ts';
import { iso, type House } from '../house.ts';
import { keepAnswer, type Deed } from '../idempotency.ts';
import { clinicianBrief, patientBrief, readIfSeen } from '../people.ts';
import { fault, isDate, isUuid, refuseFaults } from '../scheduling/rule.ts';
import type { VisitRow } from '../visit-row.ts';
import { onBehalf } from '../waiting/arrive.ts';
import { isForPatient, isSomebodys, ownerOf, taskResource, taskView } from './task.ts';

/** More open tasks than a person does in a month. */
const mostListed = 200;
const stillOpen = 'requested,received,accepted,ready,in-progress,on-hold';

/** @throws Refusal 'invalid' (422), one issue per fault */
export function readTask(body: unknown): TaskRequest {
  const { for: who, text, due, owner } = (body ?? {}) as Record<string, unknown>;
  const words = typeof text === 'string' ? text.trim() : '';
  refuseFaults([
    ...(who === 'patient' || who === 'staff' ? [] : [fault('for', 'patient or staff')]),
    ...(words && words.length <= 500 ? [] : [fault('text', '1 to 500 characters')]),
    ...(due === undefined || isDate(due) ? [] : [fault('due', 'YYYY-MM-DD')]),
    ...(owner === undefined || (who === 'staff' && isUuid(owner))
      ? []
      : [fault('owner', 'a practitioner, of a task for staff')]),
  ]);
  return {
    for: who as TaskRequest['for'],
    text: words,
    ...(due !== undefined && { due: due as string }),
    ...(owner !== undefined && { owner: owner as string }),
  };
}

/** @throws Refusal 'invalid' (422) */
export function readOwner(body: unknown): string {
  const owner = (body as { owner?: unknown } | null)?.owner;
  if (!isUuid(owner)) refuseFaults([fault('owner', 'a practitioner')]);
  return owner as string;
}

async function requireColleague(house: House, tenant: number, id: string): Promise<string> {
  const account = await house.access.accounts.byFhirUser(tenant, { type: 'Practitioner', id });
  if (!account)
    throw new Refusal('invalid', {
      status: 422,
      diagnostics: 'nobody of that id works here',
      expression: ['owner'],
    });
  return account.id;
}

async function shown(house: House, caller: Caller, task: Task): Promise<TaskView> {
  const [type, giver] = task.requester?.reference?.split('/') ?? [];
  const owner = ownerOf(task);
  const patient = task.for?.reference?.split('/')[1];
  const brief = async (id: string | undefined) =>
    isUuid(id) ? clinicianBrief(house, caller, id) : undefined;
  const [by, of, whose] = await Promise.all([
    brief(type === 'Practitioner' ? giver : undefined),
    brief(owner),
    caller.role !== 'patient' && isUuid(patient) ? patientBrief(house, caller, patient) : undefined,
  ]);
  return {
    ...taskView(task),
    ...(by && { givenBy: { id: by.id, name: by.name } }),
    ...(of && { owner: { id: of.id, name: of.name } }),
    ...(whose && { patient: whose }),
  };
}

async function tellOwner(house: House, tenant: number, owner: string, self: string | undefined) {
  if (owner === self) return;
  const account = await requireColleague(house, tenant, owner);
  await house.access.notices.tell({ tenant, to: { account }, kind: 'task-given' });
}

/** @throws Refusal 'invalid' (422) when the owner does not work here */
export async function giveTask(
  house: House,
  caller: Caller,
  row: VisitRow,
  ask: TaskRequest,
  deed: Deed,
): Promise<TaskView> {
  const author = caller.fhirUser!.id;
  if (ask.owner) await requireColleague(house, caller.tenant, ask.owner);
  const now = house.clock.now();
  const view = await house.records.write(caller, async (tx) => {
    const stored = await tx.create(taskResource({ ...row, author }, ask, now));
    const answer = await shown(house, caller, stored.resource);
    await keepAnswer(tx, deed, row.patient, answer, now);
    return answer;
  });
  if (ask.for === 'staff') await tellOwner(house, caller.tenant, ask.owner ?? author, author);
  return view;
}

async function search(house: House, caller: Caller, params: [string, string][]): Promise<Task[]> {
  const { entry = [] } = await house.records.search(caller, 'Task', [
    ...params,
    ['_count', String(mostListed)],
  ]);
  return entry.flatMap(({ resource }) => (resource?.resourceType === 'Task' ? [resource] : []));
}

const byDue = (one: TaskView, other: TaskView): number =>
  (one.due ?? '9').localeCompare(other.due ?? '9') || one.givenAt.localeCompare(other.givenAt);

/** Whose list it is: a patient's own or her dependant's; for staff what she is to do, what she gave, or one patient's. */
function whose(caller: Caller, query: { of?: unknown; patient?: unknown }): [string, string][] {
  const own = caller.fhirUser;
  const patient = isUuid(query.patient) ? query.patient : undefined;
  if (caller.role === 'patient') {
    const of = patient ?? own?.id;
    if (!of || !actsFor(caller, of)) throw new Refusal('not-found');
    return [['patient', `Patient/${of}`]];
  }
  if (query.of === 'patient') {
    if (!patient) refuseFaults([fault('patient', 'whose')]);
    return [['patient', `Patient/${patient}`]];
  }
  const self = `Practitioner/${own?.id}`;
  return query.of === 'given' ? [['requester', self]] : [['owner', self]];
}

export async function listTasks(
  house: House,
  caller: Caller,
  query: { of?: unknown; patient?: unknown; state?: unknown },
): Promise<{ list: Tasks; patients: string[] }> {
  const done = query.state === 'done';
  const found = await search(house, caller, [
    ...whose(caller, query),
    ['status', done ? 'completed' : stillOpen],
  ]);
  const tasks = await Promise.all(
    found.filter(isSomebodys).map((task) => shown(house, caller, task)),
  );
  const patients = found.flatMap((task) => task.for?.reference?.split('/')[1] ?? []);
  return { list: { tasks: tasks.toSorted(byDue) }, patients: [...new Set(patients)] };
}

/**
 * The task, read through the record store as the caller; then whether it is hers to change: the patient's own, or one of the
 * clinic's that a colleague with the chart may take up.
 */
export async function seeTask(house: House, caller: Caller, id: unknown): Promise<Task> {
  if (!isUuid(id)) throw new Refusal('not-found');
  const task = await readIfSeen<Task>(house, caller, 'Task', id);
  if (!task || !isSomebodys(task)) throw new Refusal('not-found');
  if (caller.role === 'patient' && !isForPatient(task)) throw new Refusal('not-found');
  return task;
}

type Change = (task: Task, now: string) => Task;

const done: Change = (task, now) => ({
  ...task,
  status: 'completed',
  lastModified: now,
  executionPeriod: { ...task.executionPeriod, end: now },
});

const reopened: Change = ({ executionPeriod: _over, ...task }, now) => ({
  ...task,
  status: 'requested',
  lastModified: now,
});

async function change(house: House, caller: Caller, task: Task, to: Change): Promise<TaskView> {
  // A patient writes no Task herself: the house notes what she says of one that she may read.
  const author = caller.role === 'patient' ? onBehalf(house, caller, 'task') : caller;
  const after = await house.records.write(author, async (tx) => {
    const { resource } = await tx.read<Task>('Task', task.id!);
    const changed = to(resource, iso(house.clock.now()));
    return (await tx.update(changed)).resource;
  });
  return shown(house, caller, after);
}

export async function markTask(
  house: House,
  caller: Caller,
  task: Task,
  to: 'done' | 'open',
): Promise<TaskView> {
  const state = taskView(task).state;
  if (state === 'cancelled') throw new Refusal('conflict', { diagnostics: 'it was taken back' });
  if (state === to) return shown(house, caller, task);
  return change(house, caller, task, to === 'done' ? done : reopened);
}

/** @throws Refusal 'invalid' (422) when nobody of that id works here, 'conflict' for a patient's own or a finished one */
export async function reassign(
  house: House,
  caller: Caller,
  task: Task,
  owner: string,
): Promise<TaskView> {
  await requireColleague(house, caller.tenant, owner);
  if (isForPatient(task) || taskView(task).state !== 'open')
    throw new Refusal('conflict', { diagnostics: 'only an open task of the staff changes hands' });
  const view = await change(house, caller, task, (before, now) => ({
    ...before,
    owner: { reference: `Practitioner/${owner}` },
    lastModified: now,
  }));
  await tellOwner(house, caller.tenant, owner, caller.fhirUser?.id);
  return view;
}

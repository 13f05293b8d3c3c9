/** Answering for a result: acknowledged with a decision that the chart keeps, or passed to a colleague. */
import { systemCaller, type Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Communication, ServiceRequest, Task } from '@afar/fhir';
import type { AcknowledgeRequest, ResultDecision } from '../contract.ts';
import { iso, type House } from '../house.ts';
import { fault, isDate, isUuid, refuseFaults } from '../scheduling/rule.ts';
import { taskSystem } from '../tasks/task.ts';
import { seenBy, answersFor } from './inbox.ts';
import { canAnswer } from './responsible.ts';
import { changeResult, findResult, type ResultRow } from './rows.ts';
import { settingsOf } from './settings.ts';
import { sourceOf } from './take-in.ts';

const decisions: readonly ResultDecision[] = ['no-action', 'told-patient', 'follow-up', 'message'];
/** Task.code of an answer, and what Task.output calls its decision. */
export const reviewCode = 'result-review';
const decisionSystem = 'urn:afar:result-decision';

/** @throws Refusal 'invalid' (422), one issue per fault */
export function readAcknowledge(body: unknown): AcknowledgeRequest {
  const { revision, decision, note, message, followUp } = (body ?? {}) as Record<string, unknown>;
  const isText = (value: unknown, most: number): boolean =>
    typeof value === 'string' && value.trim().length > 0 && value.length <= most;
  const { text, due } = (followUp ?? {}) as Record<string, unknown>;
  refuseFaults([
    ...(Number.isInteger(revision) ? [] : [fault('revision', 'the revision that was read')]),
    ...(decisions.includes(decision as ResultDecision)
      ? []
      : [fault('decision', decisions.join(', '))]),
    ...(note === undefined || isText(note, 2_000) ? [] : [fault('note', '1 to 2000 characters')]),
    ...((decision === 'message' ? isText(message, 2_000) : message === undefined)
      ? []
      : [fault('message', '1 to 2000 characters, with the decision message')]),
    ...((decision === 'follow-up' ? isText(text, 500) : followUp === undefined)
      ? []
      : [fault('followUp.text', '1 to 500 characters, with the decision follow-up')]),
    ...(due === undefined || isDate(due) ? [] : [fault('followUp.due', 'YYYY-MM-DD')]),
  ]);
  return body as AcknowledgeRequest;
}

/**
 * The row of an inbox, for whom it stands in hers. A chart that is closed to her, and an id that never was, are not found;
 * somebody else's that she could read in the chart is not hers to answer.
 * @throws Refusal 'not-found', 'forbidden'
 */
export async function seeRow(house: House, caller: Caller, id: unknown): Promise<ResultRow> {
  const row = isUuid(id) ? await findResult(house.db, caller.tenant, id) : undefined;
  if (!row || row.state === 'part' || row.state === 'erased') throw new Refusal('not-found');
  if (!(await seenBy(house, caller, row))) throw new Refusal('not-found');
  if (!(await answersFor(house, caller, row))) throw new Refusal('forbidden');
  return row;
}

function reviewOf(row: ResultRow, by: string, ask: AcknowledgeRequest, now: number): Task {
  return {
    resourceType: 'Task',
    status: 'completed',
    intent: 'order',
    code: { coding: [{ system: taskSystem, code: reviewCode }] },
    focus: { reference: `${row.type}/${row.rid}` },
    for: { reference: `Patient/${row.patient}` },
    owner: { reference: `Practitioner/${by}` },
    requester: { reference: `Practitioner/${by}` },
    authoredOn: iso(now),
    lastModified: iso(now),
    executionPeriod: { start: iso(row.arrived), end: iso(now) },
    output: [
      {
        type: { text: 'decision' },
        valueCodeableConcept: { coding: [{ system: decisionSystem, code: ask.decision }] },
      },
    ],
    ...(ask.note && { note: [{ text: ask.note, time: iso(now) }] }),
  };
}

function followUpOf(
  row: ResultRow,
  by: string,
  ask: AcknowledgeRequest,
  now: number,
): ServiceRequest {
  const { text, due } = ask.followUp!;
  return {
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    priority: 'routine',
    code: { text },
    subject: { reference: `Patient/${row.patient}` },
    requester: { reference: `Practitioner/${by}` },
    authoredOn: iso(now),
    ...(due && { occurrenceDateTime: due }),
    // What the follow-up is for.
    reasonReference: [{ reference: `${row.type}/${row.rid}` } as { reference: string }],
  };
}

function messageOf(
  row: ResultRow,
  by: string,
  ask: AcknowledgeRequest,
  now: number,
): Communication {
  return {
    resourceType: 'Communication',
    status: 'completed',
    subject: { reference: `Patient/${row.patient}` },
    recipient: [{ reference: `Patient/${row.patient}` }],
    sender: { reference: `Practitioner/${by}` },
    about: [{ reference: `${row.type}/${row.rid}` }],
    sent: iso(now),
    payload: [{ contentString: ask.message! }],
  };
}

/** The order is done once its final result has been answered. */
async function completeOrder(house: House, caller: Caller, row: ResultRow): Promise<void> {
  if (!row.ordered || row.preliminary || row.standing === 'retracted') return;
  const id = row.ordered;
  await house.records.write(caller, async (tx) => {
    const { resource } = await tx.read<ServiceRequest>('ServiceRequest', id);
    if (resource.status === 'active')
      await tx.update({ ...resource, status: 'completed' as const });
  });
}

/**
 * Acknowledges exactly what was read. Decision, what follows of it, and the row commit together; repeated by the same person with
 * the same decision it is done already.
 * @throws Refusal 'conflict' when it changed meanwhile, or somebody else was faster
 */
export async function acknowledge(
  house: House,
  caller: Caller,
  row: ResultRow,
  ask: AcknowledgeRequest,
): Promise<void> {
  const by = caller.fhirUser!.id;
  const now = house.clock.now();
  const settings = await settingsOf(house.db, caller.tenant);
  await house.records.write(caller, async (tx) => {
    const held = await findResult(tx.sql, row.tenant, row.id, true);
    if (
      held?.state === 'acknowledged' &&
      held.acknowledged_by === by &&
      held.decision === ask.decision
    )
      return;
    if (held?.state !== 'waiting' || held.revision !== ask.revision)
      throw new Refusal('conflict', {
        diagnostics: 'it changed, or somebody answered it meanwhile: read it again',
      });
    const review = await tx.create(reviewOf(held, by, ask, now));
    if (ask.decision === 'follow-up') await tx.create(followUpOf(held, by, ask, now));
    if (ask.decision === 'message') await tx.create(messageOf(held, by, ask, now));
    await changeResult(tx.sql, held, {
      state: 'acknowledged',
      acknowledged_at: now,
      acknowledged_by: by,
      decision: ask.decision,
      review: review.rid,
      ...(held.visible_from > now && { visible_from: now }),
    });
  });
  await completeOrder(house, caller, row);
  if (settings.release === 'seen')
    await house.records.write(systemCaller(caller.tenant, house.clock, 'results'), (tx) =>
      tx.grants.show(sourceOf(row)),
    );
}

/** @throws Refusal 'invalid' (422) */
export function readTo(body: unknown): string {
  const to = (body as { to?: unknown } | null)?.to;
  if (!isUuid(to)) refuseFaults([fault('to', 'a practitioner')]);
  return to as string;
}

/** @throws Refusal 'conflict' when the colleague cannot answer: no account here, or the chart is closed to her */
export async function passTo(
  house: House,
  row: Pick<ResultRow, 'tenant' | 'id' | 'patient'>,
  to: string,
): Promise<void> {
  const { tenant } = row;
  const able = await canAnswer(house, tenant, to, row.patient);
  if (!able) throw new Refusal('conflict', { diagnostics: 'this colleague cannot see the chart' });
  const now = house.clock.now();
  await house.db.tx(async (sql) => {
    const held = await findResult(sql, tenant, row.id, true);
    if (held?.state !== 'waiting')
      throw new Refusal('conflict', { diagnostics: 'it was answered' });
    // Her time begins now; that it came earlier stays in `since` of whoever passed it on.
    await changeResult(sql, held, {
      assignee: to,
      rung: 0,
      reason: null,
      next_look: now,
      arrived: held.level <= 1 ? held.arrived : now,
    });
    await house.access.notices.tell(
      {
        tenant,
        to: { account: able.account },
        kind: held.level <= 1 ? 'result-urgent' : 'task-given',
      },
      sql,
    );
  });
}

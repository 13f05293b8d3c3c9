/** What a clinician orders in a visit: a follow-up, a task for the care team, another appointment to be booked. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Appointment, ServiceRequest, Task } from '@afar/fhir';
import type { OrderRequest, OrderView } from '../contract.ts';
import { iso, type House } from '../house.ts';
import { requireLicensed } from '../licensing/licensed.ts';
import { keepAnswer, type Deed } from '../idempotency.ts';
import { readIfSeen } from '../people.ts';
import { fault, isDate, refuseFaults } from '../scheduling/rule.ts';
import { lockVisit, type VisitRow } from '../visit-row.ts';

const kinds = { 'follow-up': 'ServiceRequest', task: 'Task', appointment: 'Appointment' } as const;
type OrderResource = ServiceRequest | Task | Appointment;

/** @throws Refusal 'invalid' (422), one issue per fault */
export function readOrder(body: unknown): Required<Pick<OrderRequest, 'priority'>> & OrderRequest {
  const { kind, text, due, priority } = (body ?? {}) as Record<string, unknown>;
  const words = typeof text === 'string' ? text.trim() : '';
  refuseFaults([
    ...(typeof kind === 'string' && Object.hasOwn(kinds, kind)
      ? []
      : [fault('kind', Object.keys(kinds).join(', '))]),
    ...(words && words.length <= 500 ? [] : [fault('text', '1 to 500 characters')]),
    ...(due === undefined || isDate(due) ? [] : [fault('due', 'YYYY-MM-DD')]),
    ...(priority === undefined || priority === 'routine' || priority === 'urgent'
      ? []
      : [fault('priority', 'routine or urgent')]),
  ]);
  return {
    kind: kind as OrderRequest['kind'],
    text: words,
    ...(due !== undefined && { due: due as string }),
    priority: priority === 'urgent' ? 'urgent' : 'routine',
  };
}

function resourceOf(
  row: VisitRow,
  order: ReturnType<typeof readOrder>,
  now: number,
): OrderResource {
  const patient = { reference: `Patient/${row.patient}` };
  const clinician = { reference: `Practitioner/${row.clinician}` };
  const encounter = { reference: `Encounter/${row.encounter}` };
  const { due, text, priority } = order;
  switch (order.kind) {
    case 'follow-up':
      return {
        resourceType: 'ServiceRequest',
        status: 'active',
        intent: 'order',
        priority,
        code: { text },
        subject: patient,
        encounter,
        requester: clinician,
        authoredOn: iso(now),
        ...(due && { occurrenceDateTime: due }),
      };
    case 'task':
      return {
        resourceType: 'Task',
        status: 'requested',
        intent: 'order',
        priority,
        description: text,
        for: patient,
        owner: clinician,
        encounter,
        requester: clinician,
        authoredOn: iso(now),
        ...(due && { restriction: { period: { end: due } } }),
      };
    case 'appointment':
      return {
        resourceType: 'Appointment',
        status: 'proposed',
        description: text,
        // [FHIR R4 appointment.html priority] unsigned int as in iCal: 1 highest, 5 normal.
        priority: priority === 'urgent' ? 1 : 5,
        created: iso(now),
        ...(due && { requestedPeriod: [{ end: due }] }),
        participant: [
          { actor: patient, required: 'required', status: 'needs-action' },
          { actor: clinician, required: 'required', status: 'tentative' },
        ],
      };
  }
}

function viewOf(resource: OrderResource): OrderView {
  const reference = `${resource.resourceType}/${resource.id}`;
  switch (resource.resourceType) {
    case 'ServiceRequest':
      return {
        reference,
        kind: 'follow-up',
        text: resource.code?.text ?? '',
        ...(resource.occurrenceDateTime && { due: resource.occurrenceDateTime }),
        priority: resource.priority === 'urgent' ? 'urgent' : 'routine',
        orderedAt: resource.authoredOn ?? '',
      };
    case 'Task':
      return {
        reference,
        kind: 'task',
        text: resource.description ?? '',
        ...(resource.restriction?.period?.end && { due: resource.restriction.period.end }),
        priority: resource.priority === 'urgent' ? 'urgent' : 'routine',
        orderedAt: resource.authoredOn ?? '',
      };
    case 'Appointment':
      return {
        reference,
        kind: 'appointment',
        text: resource.description ?? '',
        ...(resource.requestedPeriod?.[0]?.end && { due: resource.requestedPeriod[0].end }),
        priority: resource.priority === 1 ? 'urgent' : 'routine',
        orderedAt: resource.created ?? '',
      };
  }
}

/** The orders of a visit that this caller may see, in the order in which they were given. */
export async function ordersOf(house: House, caller: Caller, row: VisitRow): Promise<OrderView[]> {
  const { rows } = await house.db.query<{ type: OrderResource['resourceType']; rid: string }>({
    name: 'visits.orders',
    text: 'select type, rid from visits.placed_order where tenant = $1 and visit = $2 order by at, rid',
    values: [row.tenant, row.rid],
  });
  const found = await Promise.all(
    rows.map(({ type, rid }) => readIfSeen<OrderResource>(house, caller, type, rid)),
  );
  return found.filter((one) => one !== undefined).map(viewOf);
}

/** Orders once for this idempotency key. @throws Refusal 'conflict' before admission, 'licence-required' */
export async function placeOrder(
  house: House,
  caller: Caller,
  visit: VisitRow,
  order: ReturnType<typeof readOrder>,
  deed: Deed,
): Promise<OrderView> {
  const { tenant, rid } = visit;
  await requireLicensed(house, visit);
  const now = house.clock.now();
  return house.records.write(caller, async (tx) => {
    const row = await lockVisit(tx.sql, tenant, rid);
    if (!row?.encounter) throw new Refusal('conflict', { detail: `state ${row?.state}` });
    const stored = await tx.create<OrderResource>(resourceOf(row, order, now));
    const type = stored.resource.resourceType;
    await tx.sql.query({
      name: 'visits.place-order',
      text: 'insert into visits.placed_order (tenant, visit, type, rid, at) values ($1, $2, $3, $4, $5)',
      values: [tenant, rid, type, stored.rid, now],
    });
    const view = viewOf(stored.resource);
    await keepAnswer(tx, deed, row.patient, view, now);
    return view;
  });
}

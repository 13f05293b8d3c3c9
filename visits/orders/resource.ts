/** An order as a FHIR resource, and the words of one again [FHIR R4 servicerequest.html, task.html, appointment.html]. */
import type { Appointment, Practitioner, Reference, ServiceRequest, Task } from '@afar/fhir';
import type { OrderKind, OrderStatus, OrderView } from '../contract.ts';
import { iso } from '../house.ts';
import { categoryOf, dicomSystem, kindOf } from './kinds.ts';
import type { Order } from './read-order.ts';

export type OrderResource = ServiceRequest | Task | Appointment;

/** Whose order it is: the patient, who orders, and the encounter it was ordered in. */
export interface Ordered {
  patient: string;
  clinician: string;
  encounter?: string | null;
}

function serviceRequest(of: Ordered, order: Order, now: number): ServiceRequest {
  const { kind, text, due, priority, code, reason, instructions } = order;
  const { specimen, bodySite, modality, target } = order;
  return {
    resourceType: 'ServiceRequest',
    status: 'active',
    intent: 'order',
    ...(kind !== 'follow-up' && { category: categoryOf(kind) }),
    priority,
    code: { ...(code && { coding: [code] }), text },
    ...(modality && { orderDetail: [{ coding: [{ system: dicomSystem, code: modality }] }] }),
    subject: { reference: `Patient/${of.patient}` },
    ...(of.encounter && { encounter: { reference: `Encounter/${of.encounter}` } }),
    requester: { reference: `Practitioner/${of.clinician}` },
    authoredOn: iso(now),
    ...(due && { occurrenceDateTime: due }),
    ...(target && { performer: [{ reference: `${target.type}/${target.id}` }] }),
    ...(reason && { reasonCode: [{ text: reason }] }),
    ...(bodySite && { bodySite: [{ text: bodySite }] }),
    ...(specimen && {
      contained: [{ resourceType: 'Specimen', id: 'specimen', type: { text: specimen } }],
      specimen: [{ reference: '#specimen' }],
    }),
    ...(instructions && { patientInstruction: instructions }),
  };
}

export function orderResource(of: Ordered, order: Order, now: number): OrderResource {
  const patient = { reference: `Patient/${of.patient}` };
  const clinician = { reference: `Practitioner/${of.clinician}` };
  const { due, text, priority } = order;
  switch (order.kind) {
    case 'task':
      return {
        resourceType: 'Task',
        status: 'requested',
        intent: 'order',
        priority,
        description: text,
        for: patient,
        owner: clinician,
        ...(of.encounter && { encounter: { reference: `Encounter/${of.encounter}` } }),
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
        priority: priority === 'routine' ? 5 : 1,
        created: iso(now),
        ...(due && { requestedPeriod: [{ end: due }] }),
        participant: [
          { actor: patient, required: 'required', status: 'needs-action' },
          { actor: clinician, required: 'required', status: 'tentative' },
        ],
      };
    default:
      return serviceRequest(of, order, now);
  }
}

const statuses: Record<string, OrderStatus> = {
  completed: 'done',
  fulfilled: 'done',
  revoked: 'cancelled',
  cancelled: 'cancelled',
  rejected: 'cancelled',
  noshow: 'cancelled',
  'entered-in-error': 'cancelled',
  'on-hold': 'on-hold',
};

const priorityOf = (priority: string | undefined): OrderView['priority'] =>
  priority === 'stat' || priority === 'asap'
    ? 'stat'
    : priority === 'urgent'
      ? 'urgent'
      : 'routine';

function specimenOf({ contained = [] }: ServiceRequest): string | undefined {
  const found = contained.find((one) => one.resourceType === 'Specimen');
  return found?.resourceType === 'Specimen' ? found.type?.text : undefined;
}

function ofRequest(it: ServiceRequest): Omit<OrderView, 'reference' | 'status' | 'orderedAt'> {
  const coding = it.code?.coding?.find((one) => one.system && one.code);
  const modality = it.orderDetail?.flatMap((one) => one.coding ?? []).find((one) => one.code)?.code;
  const specimen = specimenOf(it);
  const reason = it.reasonCode?.[0]?.text ?? it.reasonCode?.[0]?.coding?.[0]?.display;
  return {
    kind: kindOf(it) satisfies OrderKind,
    text: it.code?.text ?? coding?.display ?? '',
    priority: priorityOf(it.priority),
    ...(it.occurrenceDateTime && { due: it.occurrenceDateTime }),
    ...(coding && {
      code: {
        system: coding.system!,
        code: coding.code!,
        ...(coding.display && { display: coding.display }),
      },
    }),
    ...(reason && { reason }),
    ...(it.patientInstruction && { instructions: it.patientInstruction }),
    ...(specimen && { specimen }),
    ...(it.bodySite?.[0]?.text && { bodySite: it.bodySite[0].text }),
    ...(modality && { modality }),
    ...(it.performer?.[0]?.reference && {
      target: { reference: it.performer[0].reference, name: it.performer[0].display ?? '' },
    }),
  };
}

/** Without names: `target.name` is what the reference itself says. */
export function orderView(it: OrderResource): OrderView {
  const base = {
    reference: `${it.resourceType}/${it.id}`,
    status: statuses[it.status ?? ''] ?? 'open',
  };
  switch (it.resourceType) {
    case 'ServiceRequest': {
      const why = base.status === 'cancelled' ? it.note?.at(-1)?.text : undefined;
      return {
        ...base,
        ...ofRequest(it),
        orderedAt: it.authoredOn ?? '',
        ...(why && { cancelled: why }),
      };
    }
    case 'Task': {
      const why = base.status === 'cancelled' ? it.statusReason?.text : undefined;
      return {
        ...base,
        kind: 'task',
        text: it.description ?? '',
        ...(it.restriction?.period?.end && { due: it.restriction.period.end }),
        priority: priorityOf(it.priority),
        orderedAt: it.authoredOn ?? '',
        ...(why && { cancelled: why }),
      };
    }
    case 'Appointment': {
      const why = base.status === 'cancelled' ? it.cancelationReason?.text : undefined;
      return {
        ...base,
        kind: 'appointment',
        text: it.description ?? '',
        ...(it.requestedPeriod?.[0]?.end && { due: it.requestedPeriod[0].end }),
        priority: it.priority === 1 ? 'urgent' : 'routine',
        orderedAt: it.created ?? '',
        ...(why && { cancelled: why }),
      };
    }
  }
}

/**
 * The same order, taken back: nothing of what was asked is said anew, so that it needs no licence.
 * @returns undefined when it is over already
 */
export function takenBack(
  it: OrderResource,
  reason: string,
  by: Reference<Practitioner>,
  now: number,
): OrderResource | undefined {
  if (
    ['completed', 'revoked', 'cancelled', 'entered-in-error', 'fulfilled'].includes(it.status ?? '')
  )
    return undefined;
  switch (it.resourceType) {
    case 'ServiceRequest':
      return {
        ...it,
        status: 'revoked' as const,
        note: [...(it.note ?? []), { authorReference: by, time: iso(now), text: reason }],
      };
    case 'Task':
      return { ...it, status: 'cancelled' as const, statusReason: { text: reason } };
    case 'Appointment':
      return { ...it, status: 'cancelled' as const, cancelationReason: { text: reason } };
  }
}

/** An order as it is asked for: every fault at once, each with the place where it stands. */
import type { OperationOutcomeIssue } from '@afar/fhir';
import type { Coding, OrderRequest } from '../contract.ts';
import { fault, isDate, isUuid, refuseFaults } from '../scheduling/rule.ts';
import { orderKinds } from './kinds.ts';

/** What was asked for, complete. */
export type Order = OrderRequest & Required<Pick<OrderRequest, 'priority'>>;

const priorities = ['routine', 'urgent', 'stat'];
/** Lengths that a form of paper would have: a reason is a paragraph, a specimen a few words. */
const texts = { reason: 1_000, instructions: 1_000, specimen: 100, bodySite: 100 } as const;
/** 20: a set of orders is one page. */
const mostInSet = 20;

const isText = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value.trim().length > 0 && value.length <= most;

export function codingFaults(value: unknown, at: string): OperationOutcomeIssue[] {
  if (value === undefined) return [];
  const { system, code, display } = (value ?? {}) as Record<string, unknown>;
  return [
    ...(isText(system, 200) && /^\w+:\S+$/.test(system)
      ? []
      : [fault(`${at}.system`, 'the address of a code system')]),
    ...(isText(code, 100) && !/\s/.test(code)
      ? []
      : [fault(`${at}.code`, 'a code without spaces')]),
    ...(display === undefined || isText(display, 200)
      ? []
      : [fault(`${at}.display`, '1 to 200 characters')]),
  ];
}

export function orderFaults(body: unknown, at = ''): OperationOutcomeIssue[] {
  const asked = (body ?? {}) as Record<string, unknown>;
  const { kind, text, due, priority, code, modality, target } = asked;
  const known = typeof kind === 'string' && Object.hasOwn(orderKinds, kind);
  const place = (name: string): string => `${at}${name}`;
  const { type, id } = (target ?? {}) as Record<string, unknown>;
  return [
    ...(known ? [] : [fault(place('kind'), Object.keys(orderKinds).join(', '))]),
    ...(isText(text, 500) ? [] : [fault(place('text'), '1 to 500 characters')]),
    ...(due === undefined || isDate(due) ? [] : [fault(place('due'), 'YYYY-MM-DD')]),
    ...(priority === undefined || priorities.includes(priority as string)
      ? []
      : [fault(place('priority'), priorities.join(', '))]),
    ...codingFaults(code, place('code')),
    ...Object.entries(texts).flatMap(([name, most]) =>
      asked[name] === undefined || isText(asked[name], most)
        ? []
        : [fault(place(name), `1 to ${most} characters`)],
    ),
    ...(modality === undefined ||
    (typeof modality === 'string' && /^[A-Z0-9]{2,16}$/.test(modality))
      ? []
      : [fault(place('modality'), 'a code of DICOM: CT, DX, MR, US')]),
    ...(target === undefined || ((type === 'Practitioner' || type === 'Organization') && isUuid(id))
      ? []
      : [fault(place('target'), 'a Practitioner or an Organization')]),
  ];
}

/** What passed `orderFaults`, trimmed and without what it does not know. */
export function orderIn(body: unknown): Order {
  const asked = body as OrderRequest;
  const { kind, due, priority, code, modality, target } = asked;
  const words = Object.fromEntries(
    (Object.keys(texts) as (keyof typeof texts)[]).flatMap((name) =>
      asked[name] === undefined ? [] : [[name, asked[name].trim()]],
    ),
  );
  return {
    kind,
    text: asked.text.trim(),
    priority: priority ?? 'routine',
    ...(due !== undefined && { due }),
    ...(code && { code: codingIn(code) }),
    ...words,
    ...(modality !== undefined && { modality }),
    ...(target && { target: { type: target.type, id: target.id } }),
  };
}

export function codingIn({ system, code, display }: Coding): Coding {
  return { system, code, ...(display !== undefined && { display }) };
}

/** @throws Refusal 'invalid' (422), one issue per fault */
export function readOrder(body: unknown): Order {
  refuseFaults(orderFaults(body));
  return orderIn(body);
}

/** @throws Refusal 'invalid' (422), one issue per fault */
export function readOrderSet(body: unknown): Order[] {
  const orders = (body as { orders?: unknown } | null)?.orders;
  if (!Array.isArray(orders) || orders.length === 0 || orders.length > mostInSet)
    refuseFaults([fault('orders', `1 to ${mostInSet} orders`)]);
  const asked = orders as unknown[];
  refuseFaults(asked.flatMap((one, at) => orderFaults(one, `orders[${at}].`)));
  return asked.map(orderIn);
}

/** @throws Refusal 'invalid' (422) */
export function readCancelReason(body: unknown): string {
  const reason = (body as { reason?: unknown } | null)?.reason;
  if (!isText(reason, 500)) refuseFaults([fault('reason', '1 to 500 characters')]);
  return (reason as string).trim();
}

/** What a template may hold: words, fields to jump to, and names of what is read from a chart when it is used. Never a value. */
import type { OperationOutcomeIssue } from '@afar/fhir';
import type { ChartField, TemplateBody, TemplateKind, TemplateRequest } from '../contract.ts';
import { orderFaults, orderIn } from '../orders/read-order.ts';
import { fault, refuseFaults } from '../scheduling/rule.ts';

export const chartFields: readonly ChartField[] = [
  'age',
  'sex',
  'allergies',
  'medicines',
  'conditions',
  'vitals',
  'blood-pressure',
  'pulse',
  'weight',
  'reason',
  'date',
];

const kinds: readonly TemplateKind[] = ['note', 'phrase', 'orders'];
const sectionNames = ['subjective', 'objective', 'assessment', 'plan'] as const;
/** A page a section; more is a document. */
const longest = 5_000;
const mostOrders = 20;

/** `{{...}}` that names nothing of a chart stays in the text for ever: refused. */
function wordFaults(text: unknown, at: string, needed: boolean): OperationOutcomeIssue[] {
  if (typeof text !== 'string' || text.length > longest || (needed && !text.trim()))
    return [fault(at, `${needed ? 1 : 0} to ${longest} characters`)];
  const unknown = [...text.matchAll(/\{\{([^{}]*)\}\}/g)]
    .map((one) => one[1]!.trim())
    .filter((name) => !chartFields.includes(name as ChartField));
  return unknown.length ? [fault(at, `fields there are: ${chartFields.join(', ')}`)] : [];
}

function bodyFaults(kind: TemplateKind, body: unknown): OperationOutcomeIssue[] {
  const { sections, text, orders } = (body ?? {}) as Record<string, unknown>;
  if (kind === 'phrase') return wordFaults(text, 'body.text', true);
  if (kind === 'note') {
    const given = (sections ?? {}) as Record<string, unknown>;
    return sectionNames.flatMap((name) => wordFaults(given[name], `body.sections.${name}`, false));
  }
  if (!Array.isArray(orders) || orders.length === 0 || orders.length > mostOrders)
    return [fault('body.orders', `1 to ${mostOrders} orders`)];
  return (orders as unknown[]).flatMap((one, at) => orderFaults(one, `body.orders[${at}].`));
}

function bodyIn(kind: TemplateKind, body: TemplateBody): TemplateBody {
  if (kind === 'phrase') return { text: body.text! };
  if (kind === 'orders')
    return {
      orders: body.orders!.map((one) => {
        const { due: _day, ...order } = orderIn(one);
        return order;
      }),
    };
  const { subjective, objective, assessment, plan } = body.sections!;
  return { sections: { subjective, objective, assessment, plan } };
}

/** @throws Refusal 'invalid' (422), one issue per fault */
export function readTemplate(given: unknown): TemplateRequest {
  const { kind, name, abbr, body, revision } = (given ?? {}) as Record<string, unknown>;
  const known = kinds.includes(kind as TemplateKind);
  refuseFaults([
    ...(known ? [] : [fault('kind', kinds.join(', '))]),
    ...(typeof name === 'string' && name.trim() && name.length <= 100
      ? []
      : [fault('name', '1 to 100 characters')]),
    ...((kind === 'phrase' ? isAbbr(abbr) : abbr === undefined)
      ? []
      : [fault('abbr', '2 to 20 of a-z, 0-9, -; of a phrase')]),
    ...(revision === undefined || Number.isInteger(revision)
      ? []
      : [fault('revision', 'the revision it stands on')]),
    ...(known ? bodyFaults(kind as TemplateKind, body) : []),
  ]);
  return {
    kind: kind as TemplateKind,
    name: (name as string).trim(),
    ...(abbr !== undefined && { abbr: abbr as string }),
    body: bodyIn(kind as TemplateKind, body as TemplateBody),
    ...(revision !== undefined && { revision: revision as number }),
  };
}

const isAbbr = (value: unknown): boolean =>
  typeof value === 'string' && /^[a-z0-9-]{2,20}$/.test(value);

/**
 * One statement for everything a write changes, for one resource or for fifty: a round trip costs more than the rows.
 * Its text depends only on which of its parts are needed, so that each shape is planned once for a connection.
 */
import type { Sql } from '@afar/platform';
import { Params } from '../scoped.ts';
import type { Plan } from './plan.ts';
import { checks, parts } from './statement-parts.ts';
import type { Part } from './statement-parts.ts';

const texts = new Map<string, string>();

function textFor(shape: readonly Part[], audit: AuditInsert): string {
  const params = new Params();
  params.add('tenant');
  params.add('bodies');
  for (const value of audit.values) params.add(value);
  const place = (cast: string) => `${params.add(cast)}::${cast}`;
  const has = (name: string) => shape.some((part) => part.name === name);
  // A CTE sees only those before it: what others read from comes first.
  const order = shape.filter((part) => !checks.includes(part));
  const built = order.map((part) => ({ part, text: `${part.name} as (${part.text(place, has)})` }));
  const sources = ['v', 'e', 'p', 'c', 'g'];
  const sorted = [
    ...built.filter(({ part }) => sources.includes(part.name)),
    ...built.filter(({ part }) => !sources.includes(part.name)),
  ];
  const conditions = shape
    .filter((part) => checks.includes(part))
    .map((part) => part.text(place, has));
  const all = [...sorted.map(({ text }) => text), `audited as (${audit.text})`];
  return `with ${all.join(',\n')}\nselect ${conditions.join(', ')}`;
}

/** The insert of the audit events, its places counted from `auditFirst`. */
export interface AuditInsert {
  text: string;
  values: unknown[];
}

/** $1 is the tenant, $2 the bodies, then come the audit's places. */
export const auditFirst = 3;

export function writeStatement(plan: Plan, audit: AuditInsert): Sql {
  const shape = [...parts, ...checks].filter((part) => part.needed(plan));
  const name = `records.w.${shape.map(letter).join('')}`;
  let text = texts.get(name);
  if (text === undefined) texts.set(name, (text = textFor(shape, audit)));
  const bodies =
    plan.rows.length === 1 ? plan.rows[0]!.body : Buffer.concat(plan.rows.map((row) => row.body));
  return {
    name,
    text,
    values: [plan.tenant, bodies, ...audit.values, ...shape.flatMap((part) => part.values(plan))],
  };
}

/** One letter for each part: a statement's name has 63 at most. */
function letter(part: Part): string {
  return ([...parts, ...checks].indexOf(part) + 10).toString(36);
}

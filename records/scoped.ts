/** The only way to get a table reference to resource or history rows: every query carries the policy from here. */
import type { Caller, Verb } from '@afar/access';
import { may, onlyOf } from '@afar/access';
import { Refusal, resourceClass } from '@afar/fhir';

/** The values of one statement; the same value under the same name is sent once. */
export class Params {
  readonly values: unknown[] = [];
  readonly #named = new Map<string, string>();

  /** Adds a value and returns its place, `$3`. Cast it in the text where PostgreSQL cannot tell its type. */
  add(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }

  /** Adds a value once for each name. */
  once(name: string, value: unknown): string {
    const known = this.#named.get(name);
    if (known) return known;
    const place = this.add(value);
    this.#named.set(name, place);
    return place;
  }
}

declare const brand: unique symbol;

/** A table with the policy that must stand beside it: `from ${t.from} where ${t.where} and ...`. */
export interface Scoped {
  readonly [brand]: true;
  /** `records.resource r` */
  readonly from: string;
  /** Tenant, type, class rule, grant and denial, in parentheses. Depends on the alias only. */
  readonly where: string;
  /** The types that are left after what the caller's role may not touch is taken out. */
  readonly types: readonly string[];
}

export interface ScopeOptions {
  /** `history` for superseded versions; each is judged by its own owner and labels. */
  table?: 'resource' | 'history';
  /** What the role must be allowed to do with the type. Default `read`. */
  verb?: Verb;
}

/**
 * The rows of one type, or of several, that the caller may see at the instant of the request (`caller.at`).
 *
 * One type that the role may not touch is refused; of several, those are left out.
 * Deleted rows are included: say `not deleted` where they must not come.
 *
 * @throws Refusal `forbidden` [FHIR R4 http.html#Status-Codes: a role that may not touch a type gets 403]
 */
export function scoped(
  type: string | readonly string[],
  alias: string,
  caller: Caller,
  params: Params,
  { table = 'resource', verb = 'read' }: ScopeOptions = {},
): Scoped {
  const types = (typeof type === 'string' ? [type] : type).filter((one) => may(caller, verb, one));
  if (typeof type === 'string' && types.length === 0) throw new Refusal('forbidden');
  const where = types.length === 0 ? '(false)' : policy(types, alias, caller, params);
  return { from: `records.${table} ${alias}`, where, types } as unknown as Scoped;
}

/** patient: needs a grant on the owner. operational: needs one if it has an owner. The rest: the role suffices. */
type Rule = 'grant' | 'grant-if-owned' | 'open';

export function ruleOf(type: string): Rule {
  switch (resourceClass[type]) {
    case 'directory':
    case 'public':
    case 'definitional':
      return 'open';
    case 'operational':
      return 'grant-if-owned';
    default:
      // An unknown type is treated as the strictest class.
      return 'grant';
  }
}

function policy(types: readonly string[], alias: string, caller: Caller, params: Params): string {
  const tenant = params.once('tenant', caller.tenant);
  const rules = new Map<string, { rule: Rule; only: string | undefined; members: string[] }>();
  for (const one of types) {
    const rule = caller.wildcard ? 'open' : ruleOf(one);
    const only = onlyOf(caller, one);
    const name = `${rule} ${only ?? ''}`;
    if (!rules.has(name)) rules.set(name, { rule, only, members: [] });
    rules.get(name)!.members.push(one);
  }
  const branches = [...rules.values()].map(({ rule, only, members }) => {
    const typed =
      members.length === 1
        ? `${alias}.type = ${params.once(`type:${members[0]}`, members[0])}`
        : `${alias}.type = any(${params.add(members)}::text[])`;
    if (rule === 'open') return typed;
    // A token for one patient's record: what she owns, of what the person behind the token may see of her.
    const held = only && `${alias}.owner = ${params.once('only', only)}::uuid and `;
    const granted = `${held ?? ''}${grantOn(alias, caller, params)}`;
    return rule === 'grant'
      ? `(${typed} and ${granted})`
      : `(${typed} and (${alias}.owner is null or (${granted})))`;
  });
  const classRule = branches.length === 1 ? branches[0] : `(${branches.join(' or ')})`;
  return `(${alias}.tenant = ${tenant} and ${classRule} and ${notDenied(alias, caller, params)})`;
}

// `offset 0` keeps each EXISTS a probe of its own index for each row. Turned into a semi-join it was planned, on tables
// without statistics, as a walk over all of a caller's grants for every row: 14 ms a page instead of 0.3 (search/).
function grantOn(alias: string, caller: Caller, params: Params): string {
  const at = params.once('at', caller.at);
  return `exists (select from records."grant" g where g.tenant = ${params.once('tenant', caller.tenant)}
    and g.principal = any(${params.once('principals', caller.principals)}::uuid[]) and g.patient = ${alias}.owner and g.class = 'chart'
    and g.starts <= ${at}::bigint and g.ends > ${at}::bigint offset 0)`;
}

/** A denial of the owner or of any other patient the resource names shuts the row, wholly or by label. */
function notDenied(alias: string, caller: Caller, params: Params): string {
  return `not exists (select from records.deny d where d.tenant = ${params.once('tenant', caller.tenant)}
    and d.principal = any(${params.once('principals', caller.principals)}::uuid[])
    and (d.label = 0 or d.label = any(${alias}.labels))
    and (d.patient = ${alias}.owner or exists (select from records.compartment c where c.tenant = d.tenant
      and c.rid = ${alias}.rid and c.type = ${alias}.type and c.patient = d.patient offset 0)) offset 0)`;
}

/**
 * The types of which a clinic has any row, one probe of the primary key for each. Says nothing of whose they are: what to
 * search next, never an answer.
 */
export function typesThere(tenant: string): string {
  const next = `from records.resource r where r.tenant = ${tenant}`;
  return `with recursive there(type) as (
      (select r.type ${next} order by r.type limit 1)
      union all
      select (select r.type ${next} and r.type > t.type order by r.type limit 1)
      from there t where t.type is not null)
    select type from there where type is not null`;
}

/** One row that one caller asks for. */
export interface Point {
  caller: Caller;
  type: string;
  rid: string;
  /** What the role must be allowed to do with the type. Default `read`. */
  verb?: Verb;
}

/** @throws Refusal `forbidden` when the caller's role may not do this with the type */
export function requireVerb({ caller, type }: { caller: Caller; type: string }, verb: Verb): void {
  if (!may(caller, verb, type)) throw new Refusal('forbidden');
}

/** Six columns, $1 to $6 of `callersFrom`: who asks for a type, when, which rule the type has for her, and whose record alone. */
export function rulesOf(asked: readonly { caller: Caller; type: string }[]): string[] {
  const rules = asked.map(({ caller, type }) => (caller.wildcard ? 'open' : ruleOf(type)));
  return [
    `{${asked.map((one) => one.caller.tenant).join()}}`,
    `{${asked.map((one) => one.type).join()}}`,
    `{${rules.join()}}`,
    `{${asked.map((one) => one.caller.at).join()}}`,
    `{${asked.map((one) => `"{${one.caller.principals.join()}}"`).join()}}`,
    `{${asked.map((one) => onlyOf(one.caller, one.type) ?? 'NULL').join()}}`,
  ];
}

/**
 * The policy for many callers at once, `where` beside `row`: their rules travel as columns, so that the text is always the
 * same. `k.n` is the place of each, from 1. Ask `requireVerb` for each before. Deleted rows are included.
 *
 * `k.denied`: whether anything at all is denied to her. Nearly nobody is: denials are looked for once, not for every row.
 */
export const callersTable = {
  row: 'records.resource r',
  where: `(r.tenant = k.tenant and r.type = k.type
    and (k.rule = 'open' or (k.rule = 'grant-if-owned' and r.owner is null)
      or exists (select from records."grant" g where g.tenant = k.tenant and g.principal = any(k.principals)
        and g.patient = r.owner and g.class = 'chart' and g.starts <= k.at and g.ends > k.at
        and (k.alone is null or k.alone = r.owner) offset 0))
    and (not k.denied or not exists (select from records.deny d where d.tenant = k.tenant and d.principal = any(k.principals)
      and (d.label = 0 or d.label = any(r.labels))
      and (d.patient = r.owner or exists (select from records.compartment c where c.tenant = d.tenant
        and c.rid = r.rid and c.type = r.type and c.patient = d.patient offset 0)) offset 0)))`,
} as const;

/**
 * The callers, $1 to $6, and what each asks for, from $7 on: columns by name and type. `offset 0`: what is computed here is
 * computed once for each, not for every row.
 */
export function callersFrom(asked: Readonly<Record<string, string>>): string {
  const columns = Object.values(asked).map((type, at) => `, $${7 + at}::${type}[]`);
  const names = Object.keys(asked).join(', ');
  return `(select u.tenant, u.type, u.rule, u.at, u.alone, u.mine as principals, ${names}, u.n,
      exists (select from records.deny d where d.tenant = u.tenant and d.principal = any(u.mine)) as denied
    from (select a.*, a.principals::uuid[] as mine
      from unnest($1::int[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::uuid[]${columns.join('')}) with ordinality
        a(tenant, type, rule, at, principals, alone, ${names}, n) offset 0) u offset 0) k`;
}

/**
 * The rows of many points, each judged by its own caller, in one statement: `k.n` is the place of the point, from 1.
 * Deleted rows are included.
 *
 * @throws Refusal `forbidden` when the role of one of them may not read the type: ask `may` first
 */
export function scopedPoints(points: readonly Point[]): { table: Scoped; values: unknown[] } {
  for (const point of points) requireVerb(point, point.verb ?? 'read');
  const values = [...rulesOf(points), `{${points.map((one) => one.rid).join()}}`];
  return { table: pointsTable, values };
}

const pointsTable = {
  from: `${callersFrom({ rid: 'uuid' })}
    cross join lateral (select r.* from ${callersTable.row} where ${callersTable.where} and r.rid = k.rid offset 0) r`,
  where: 'true',
  types: [],
} as unknown as Scoped;

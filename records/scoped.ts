/** The only way to get a table reference to resource or history rows: every query carries the policy from here. */
import type { Caller, Verb } from '@afar/access';
import { may, onlyOf, purposesServing } from '@afar/access';
import { Refusal, resourceClass } from '@afar/fhir';
import { anyDenialText, deniedText, everybody, grantText } from './denials.ts';
import type { Asking } from './denials.ts';

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
  const asking = askingOf(caller, params);
  const branches = [...rules.values()].map(({ rule, only, members }) => {
    const typed =
      members.length === 1
        ? `${alias}.type = ${params.once(`type:${members[0]}`, members[0])}`
        : `${alias}.type = any(${params.add(members)}::text[])`;
    if (rule === 'open') return typed;
    // A token for one patient's record: what she owns, of what the person behind the token may see of her.
    const held = only && `${alias}.owner = ${params.once('only', only)}::uuid and `;
    const granted = `${held ?? ''}${grantText(alias, asking)}`;
    return rule === 'grant'
      ? `(${typed} and ${granted})`
      : `(${typed} and (${alias}.owner is null or (${granted})))`;
  });
  const classRule = branches.length === 1 ? branches[0] : `(${branches.join(' or ')})`;
  // Asked once for the statement: nearly nobody is denied anything.
  const anyDenial = `(select ${anyDenialText(asking)})`;
  return `(${alias}.tenant = ${tenant} and ${classRule} and (not ${anyDenial} or not ${deniedText(alias, asking)}))`;
}

function askingOf(caller: Caller, params: Params): Asking {
  const principals = `${params.once('principals', caller.principals)}::uuid[]`;
  return {
    tenant: params.once('tenant', caller.tenant),
    principals,
    shut: caller.wildcard ? principals : `${params.once('shut', shutBy(caller))}::uuid[]`,
    purposes: `${params.once('purposes', purposesServing(caller.purpose))}::text[]`,
    at: `${params.once('at', caller.at)}::bigint`,
  };
}

/** Whose denials shut a caller out: those of her own principals, and those of everybody. */
const shutBy = ({ principals }: Caller): string[] => [...principals, everybody];

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

/**
 * $1 to $8 of `callersFrom`: who asks for a type, when, which rule the type has for her, whose record alone, and what for.
 *
 * Principals are told once for all who have the same ($5; $8 says whose are which): a clinician in four hundred care teams has as
 * many, and requests that are gathered are often of one browser. To read them anew for each was 0.24 of 0.26 ms of PostgreSQL a read.
 */
export function rulesOf(asked: readonly { caller: Caller; type: string }[]): string[] {
  const sets = new Map<string, number>();
  const whose = asked.map(({ caller }) => {
    const set = caller.principals.join();
    const known = sets.get(set) ?? sets.size + 1;
    sets.set(set, known);
    return known;
  });
  const rules = asked.map(({ caller, type }) => (caller.wildcard ? 'house' : ruleOf(type)));
  return [
    `{${asked.map((one) => one.caller.tenant).join()}}`,
    `{${asked.map((one) => one.type).join()}}`,
    `{${rules.join()}}`,
    `{${asked.map((one) => one.caller.at).join()}}`,
    `{${[...sets.keys()].map((set) => `"{${set}}"`).join()}}`,
    `{${asked.map((one) => onlyOf(one.caller, one.type) ?? 'NULL').join()}}`,
    `{${asked.map((one) => `"{${purposesServing(one.caller.purpose).join()}}"`).join()}}`,
    `{${whose.join()}}`,
  ];
}

const columns: Asking = {
  tenant: 'k.tenant',
  principals: 'k.principals',
  shut: 'k.shut',
  purposes: 'k.purposes',
  at: 'k.at',
};

/**
 * The policy for many callers at once, `where` beside `row`: their rules travel as columns, so that the text is always the
 * same. `k.n` is the place of each, from 1. Ask `requireVerb` for each before. Deleted rows are included.
 *
 * `k.denied`: whether anything at all is denied to her. Nearly nobody is: denials are looked for once, not for every row.
 */
export const callersTable = {
  row: 'records.resource r',
  where: `(r.tenant = k.tenant and r.type = k.type
    and (k.rule in ('open', 'house') or (k.rule = 'grant-if-owned' and r.owner is null)
      or (k.alone is null or k.alone = r.owner) and ${grantText('r', columns)})
    and (not k.denied or not ${deniedText('r', columns)}))`,
} as const;

/**
 * The callers, $1 to $8, and what each asks for, from $9 on: columns by name and type. `offset 0`: what is computed here is
 * computed once for each, not for every row.
 */
export function callersFrom(asked: Readonly<Record<string, string>>): string {
  const more = Object.values(asked).map((type, at) => `, $${9 + at}::${type}[]`);
  const names = Object.keys(asked).join(', ');
  return `(select u.tenant, u.type, u.rule, u.at, u.alone, u.mine as principals, u.shut, u.purposes, ${names}, u.n,
      ${anyDenialText({ tenant: 'u.tenant', shut: 'u.shut' })} as denied
    from (with principals as materialized (
        select p.mine, p.mine || '${everybody}'::uuid as with_everybody, p.whose
        from (select t.mine::uuid[] as mine, t.whose from unnest($5::text[]) with ordinality t(mine, whose) offset 0) p)
      select a.tenant, a.type, a.rule, a.at, a.alone, ${names}, a.n, p.mine, a.serving::text[] as purposes,
        case when a.rule = 'house' then p.mine else p.with_everybody end as shut
      from unnest($1::int[], $2::text[], $3::text[], $4::bigint[], $6::uuid[], $7::text[], $8::int[]${more.join('')})
        with ordinality a(tenant, type, rule, at, alone, serving, whose, ${names}, n)
      join principals p on p.whose = a.whose offset 0) u offset 0) k`;
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

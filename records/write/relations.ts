/** Who must hold what for a write, and which grants it brings: a clinician cannot write herself into a chart. */
import type { Caller, Denial, GrantRow, HeldUntil, MemberRow } from '@afar/access';
import {
  afterCare,
  compileGrants,
  compileMembers,
  groupsAmong,
  keepsGrants,
  makesMembers,
  onlyOf,
  purposesWriting,
} from '@afar/access';
import { Refusal, rewriteReferences } from '@afar/fhir';
import type { Resource } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import { deniedText, everybody } from '../denials.ts';
import type { Asking } from '../denials.ts';
import { ruleOf } from '../scoped.ts';
import { consentRules } from './consent.ts';
import { skew } from './instant.ts';

/** The chart of what only callers who see every chart may learn of: nobody else writes to it, nobody is granted it. */
export const houseChart = '00000000-0000-7000-8000-000000000002';

export interface Relations {
  /** undefined: the grants of this source stay as they are. */
  grants?: GrantRow[];
  /** undefined: the denials of this source stay as they are. */
  denials?: readonly Denial[];
  /** Whom it makes members of what. */
  members?: { rows: MemberRow[]; stay: boolean };
  /** Patients whose grant the statement itself asks for. */
  mustHold: string[];
}

export interface Relating {
  resource: Resource;
  rid: string;
  owner?: string;
  others: readonly string[];
  /** The first version of it, in a chart that nothing was ever written to. */
  newChart: boolean;
  update: boolean;
  /** The version it follows. */
  before?: Resource | undefined;
  /** Whose that one was. */
  ownerBefore?: string | undefined;
  /** ms since epoch */
  now: number;
  /** `Type/id` to `Type/rid`, for ids that are not rids themselves. */
  renamed: ReadonlyMap<string, string>;
}

/**
 * The rule: the author needs a live grant of every patient a patient-class resource names, new owner, old owner
 * (by seeing the version before) and others alike. But for two: a new chart has nothing to leak, and a resource
 * whose grants access compiles on the author's own word (the patient's).
 * @throws Refusal `forbidden`, the same whether or not the patient exists
 */
export async function relate(sql: Queryable, caller: Caller, one: Relating): Promise<Relations> {
  const relations = await relating(sql, caller, one);
  return makesMembers(one.resource.resourceType)
    ? { ...relations, members: compileMembers(stored(one), caller) }
    : relations;
}

async function relating(sql: Queryable, caller: Caller, one: Relating): Promise<Relations> {
  const type = one.resource.resourceType;
  const patients = [...(one.owner ? [one.owner] : []), ...one.others];
  const named = ruleOf(type) === 'open' ? [] : patients;
  const asStored = stored(one);
  // Grants of a Patient outlive its versions: its own, and that of whoever registered it.
  const keep = type === 'Patient' && one.update;
  const compile = (heldUntil: HeldUntil, reachOf?: HeldUntil, author = caller) =>
    unique(
      compileGrants(asStored, author, heldUntil, one.now - skew, {
        created: one.newChart,
        ...(reachOf && { reachOf }),
      }),
    );

  if (patients.includes(houseChart) || one.rid === houseChart) {
    if (!caller.wildcard) throw new Refusal('forbidden', { detail: 'the chart of the house' });
    return { grants: [], mustHold: [] };
  }
  const only = onlyOf(caller, type);
  if (only !== undefined && named.some((id) => id !== only))
    throw new Refusal('forbidden', { detail: 'a token for another record' });
  if (asStored.resourceType === 'Consent') {
    const { before, now } = one;
    const rules = await consentRules(sql, caller, {
      consent: asStored,
      before,
      patients: [...new Set([...named, ...(one.ownerBefore ? [one.ownerBefore] : [])])],
      now: now - skew,
    });
    return { ...rules, grants: unique(rules.grants), mustHold: caller.wildcard ? [] : named };
  }
  if (caller.wildcard) return { grants: keep ? undefined : compile(() => 0), mustHold: [] };
  if (ruleOf(type) === 'grant' && patients.length === 0)
    throw new Refusal('business-rule', { diagnostics: `this ${type} names no patient` });
  if (type === 'Patient') {
    // That a Patient grants her own chart to herself says nothing of its author's standing.
    const mustHold = one.newChart ? named.filter((id) => id !== one.rid) : named;
    return { grants: keep ? undefined : compile(() => 0), mustHold };
  }
  // A type that never grants is settled inside the statement; one that may needs to know first who holds what.
  const could = compile(() => Infinity);
  if (could.length === 0) {
    const before = one.before && stored({ ...one, resource: one.before });
    const kept = keepsGrants(before, asStored, caller, one.now - skew);
    return { grants: kept ? undefined : [], mustHold: named };
  }
  const held = await heldOf(sql, caller, type, patients, one.now);
  const grants = compile(
    (patient) => held.get(patient)?.ends ?? 0,
    (patient) => held.get(patient)?.reach ?? 0,
    await belonging(sql, caller, could),
  );
  for (const patient of named) {
    if (held.has(patient) || grants.some((grant) => grant.patient === patient)) continue;
    throw new Refusal('forbidden', { detail: 'no grant on a patient it names' });
  }
  return { grants, mustHold: [] };
}

/**
 * The author with those groups of hers that this write is the first to name: her principals hold only what was named before,
 * and nobody gives herself more time by the name of her team.
 */
async function belonging(
  sql: Queryable,
  caller: Caller,
  grants: readonly GrantRow[],
): Promise<Caller> {
  const { tenant, at, fhirUser, principals } = caller;
  const strange = [...new Set(grants.map((one) => one.principal))].filter(
    (one) => !principals.includes(one),
  );
  if (fhirUser?.type !== 'Practitioner' || strange.length === 0) return caller;
  const hers = await groupsAmong(sql, { tenant, at, person: fhirUser.id }, strange);
  return hers.length === 0 ? caller : { ...caller, principals: [...principals, ...hers] };
}

interface Held {
  /** ms since epoch. */
  ends: number;
  /** How far her word reaches for others. What was opened in an emergency is nobody's to pass on. */
  reach: number;
}

/**
 * Of these patients, the ones whose chart the caller holds at this instant to write such things, and is not shut out of,
 * and until when. Grants of a part of a chart let nobody write.
 */
async function heldOf(
  sql: Queryable,
  caller: Caller,
  type: string,
  patients: readonly string[],
  now: number,
): Promise<Map<string, Held>> {
  const { rows } = await sql.query<Held & { patient: string }>({
    name: 'records.held-until',
    text: `select n.owner as patient, max(g.ends) as ends,
             max(case when g.purpose = 'ETREAT' then 0 else coalesce(g.ceiling, g.ends + $5::bigint) end) as reach
           from (select p.owner, $7::text as type, null::uuid as rid, '{}'::bigint[] as labels
             from unnest($2::uuid[]) p(owner) offset 0) n
           join records."grant" g on g.tenant = $1 and g.patient = n.owner and g.principal = any($3::uuid[])
             and g.class = 'chart' and g.purpose = any($6::text[]) and g.starts <= $4 and g.ends > $4
           where not ${deniedText('n', writer)}
           group by n.owner`,
    values: [
      caller.tenant,
      patients,
      caller.principals,
      now,
      afterCare,
      purposesWriting(caller.purpose),
      type,
    ],
  });
  return new Map(rows.map((row) => [row.patient, row]));
}

const writer: Asking = {
  tenant: '$1::int',
  principals: '$3::uuid[]',
  shut: `($3::uuid[] || '${everybody}'::uuid)`,
  purposes: '$6::text[]',
  at: '$4::bigint',
};

/** Grants name rids: the resource as access reads it carries no other ids. */
function stored({ resource, rid, renamed }: Relating): Resource {
  const own = resource.id === rid ? resource : { ...resource, id: rid };
  return renamed.size === 0 ? own : rewriteReferences(own, renamed);
}

/** One row for each key of the table: the longest. */
function unique(grants: GrantRow[]): GrantRow[] {
  const byKey = new Map<string, GrantRow>();
  for (const one of grants) {
    const key = [one.principal, one.patient, one.source, one.class, one.purpose].join(' ');
    const known = byKey.get(key);
    if (!known || known.ends < one.ends) byKey.set(key, one);
  }
  return [...byKey.values()];
}

/** From intents to a plan: names resolved, policy asked, everything indexed and sealed. */
import { createHash } from 'node:crypto';
import type { AuditEntry, Caller } from '@afar/access';
import { makesMembers, mayWrite, purposesWriting } from '@afar/access';
import { carryDecimals, Refusal } from '@afar/fhir';
import type { Resource } from '@afar/fhir';
import type { DataKey, Queryable } from '@afar/platform';
import type { RecordsContext } from '../context.ts';
import { directoryRow, directoryTypes, sealDirectoryRow } from '../directory/index.ts';
import { compartmentHash, Opened } from '../vault.ts';
import type { WriteVerb } from '../types.ts';
import { requireUsable } from '../parameters/definition.ts';
import { denialsFor } from './denials.ts';
import { factsOf, indexKeysOf } from './facts.ts';
import type { Facts } from './facts.ts';
import { instantOf } from './instant.ts';
import type { Intent } from './intent.ts';
import { draft, namesOf, withLocalReferences } from './names.ts';
import type { Drafted, Names } from './names.ts';
import type { Plan, PlannedRow } from './plan.ts';
import { relate } from './relations.ts';
import { fhirUrlOf } from '../fhir-url.ts';

/** Keys that this transaction gave to patients and that no other can see yet. */
export type NewKeys = Map<string, DataKey>;

export interface Prepared {
  plan: Plan;
  /** In the order of the intents. */
  results: Opened<Resource>[];
}

/**
 * @param made keys made earlier in the same transaction; those made here are added
 * @throws Refusal `forbidden` and `business-rule` from the policy
 */
export async function prepare(
  ctx: RecordsContext,
  sql: Queryable,
  caller: Caller,
  intents: readonly Intent[],
  made: NewKeys,
): Promise<Prepared> {
  const { tenant } = caller;
  const now = instantOf(caller, ctx.clock);
  const own = ctx.parameters.current(tenant) ?? (await ctx.parameters.load(tenant, sql));
  const base = `${fhirUrlOf(ctx, tenant)}/`;
  const local = intents.map((intent) => withLocalReferences(intent, base, own));
  const names = await namesOf(
    ctx,
    sql,
    tenant,
    local.map((one) => one.indexed),
  );
  const drafts = local.map((one) => draft(one.intent, one.indexed, names.ridOf));
  const { keys, newKeys } = await keysFor(ctx, sql, tenant, drafts, made);
  const tenantKey = await ctx.keys.tenant(tenant);

  const plan: Plan = {
    tenant,
    rows: [],
    newKeys,
    mustHold: [],
    reach: [],
    audit: [],
  };
  const results: Opened<Resource>[] = [];
  const mustHold = new Map<string, { patient: string; type: string }>();
  for (const one of drafts) {
    const { intent, owner } = one;
    const key = owner === undefined ? tenantKey : keys.get(owner)!;
    const row = rowOf(ctx, tenant, one, key, tenantKey, names.ridOf, now);
    if (one.resource) {
      requireUsable(one.resource);
      requireOwnName(caller, intent);
      if (!caller.wildcard || caller.scopes !== undefined) {
        const refusal = mayWrite(caller, intent.current?.stored.resource, one.resource);
        if (refusal) throw refusal;
      }
      const newChart = row.version === 1 && newKeys.some((made) => made.owner === (owner ?? ''));
      const relations = await relate(sql, caller, {
        resource: one.resource,
        rid: intent.rid,
        owner,
        others: one.others,
        newChart,
        update: row.version > 1,
        before: intent.current?.stored.resource,
        ownerBefore: intent.current?.row.owner ?? undefined,
        now,
        renamed: names.renamed,
      });
      row.grants = relations.grants;
      if (makesMembers(row.type)) row.members = relations.members ?? { rows: [], stay: false };
      if (relations.denials) row.denials = denialsFor(relations.denials, key);
      for (const patient of relations.mustHold)
        mustHold.set(`${patient} ${row.type}`, { patient, type: row.type });
    }
    if (changesReach(row))
      plan.reach.push(...new Set([owner, intent.current?.row.owner, ...one.others].filter(isRid)));
    results.push(sealRow(ctx, tenant, one, row, key));
    plan.rows.push(row);
    plan.audit.push(auditOf(caller, now, row));
  }
  const { principals } = caller;
  const purposes = purposesWriting(caller.purpose);
  plan.mustHold = [...mustHold.values()].map((one) => ({ ...one, principals, purposes, at: now }));
  return { plan, results };
}

const isRid = (rid: string | null | undefined): rid is string => typeof rid === 'string';

/** Types whose versions give grants and denials. */
const reaching = new Set(['Appointment', 'CareTeam', 'Consent', 'Encounter', 'RelatedPerson']);

/** True when this version may take a chart from somebody who has it open: what it replaces gave grants, or it denies. */
const changesReach = ({ type, version, grants, denials }: PlannedRow): boolean =>
  reaching.has(type) &&
  ((version > 1 && grants !== undefined) || (denials !== undefined && denials.length > 0));

/**
 * An id that is no UUID may be a name others can guess (a record number). Whether it is taken by somebody the caller may not see
 * would show in whether it can be taken: so only a client that sees everything gives such names.
 *
 * @throws Refusal `not-found`, as for a name that is taken and hidden
 */
function requireOwnName(caller: Caller, { id, rid, current }: Intent): void {
  if (id !== rid && !current && !caller.wildcard) throw new Refusal('not-found');
}

async function keysFor(
  ctx: RecordsContext,
  sql: Queryable,
  tenant: number,
  drafts: readonly Drafted[],
  made: NewKeys,
): Promise<{ keys: Map<string, DataKey>; newKeys: Plan['newKeys'] }> {
  const owners = [...new Set(drafts.flatMap(({ owner }) => (owner ? [owner] : [])))];
  // A Patient whose id was made a moment ago cannot have one: not asked for. The statement checks it all the same.
  const born = new Set(
    drafts
      .filter(({ intent }) => intent.type === 'Patient' && intent.verb === 'POST')
      .map(({ intent }) => intent.rid),
  );
  const unknown = owners.filter((owner) => !made.has(owner) && !born.has(owner));
  const keys = await ctx.ownerKeys.of(sql, tenant, unknown);
  const newKeys: Plan['newKeys'] = [];
  for (const owner of owners) {
    const known = made.get(owner) ?? keys.get(owner);
    const key = known ?? (await ctx.keys.reserve(tenant));
    if (!known) {
      newKeys.push({ owner, key });
      made.set(owner, key);
    }
    keys.set(owner, key);
  }
  return { keys, newKeys };
}

const nothing: Facts = {
  at: 0,
  until: 0,
  periods: [],
  tokens: [],
  edges: [],
  labels: [],
};

function rowOf(
  ctx: RecordsContext,
  tenant: number,
  { intent, resource, indexed, owner, others }: Drafted,
  key: DataKey,
  tenantKey: DataKey,
  ridOf: Names['ridOf'],
  now: number,
): PlannedRow {
  const { type, rid, verb, current } = intent;
  // Never before the version it follows, whatever the clocks of two processes say.
  const updated = Math.max(now, current?.row.updated ?? 0);
  const version = (current?.row.version ?? 0) + 1;
  const facts =
    resource && indexed
      ? factsOf(resource, indexed, indexKeysOf(tenantKey, key), ridOf, updated)
      : { ...nothing, at: current!.row.at, until: current!.row.until };
  const entry = resource && indexed ? directoryRow(resource, indexed, version) : undefined;
  return {
    type,
    rid,
    version,
    updated,
    verb,
    deleted: verb === 'DELETE',
    at: facts.at,
    until: facts.until,
    owner: owner ?? null,
    compartment_hash: compartmentHash(others),
    // What was hidden by a label stays hidden when it is gone.
    labels: resource ? facts.labels : current!.row.labels,
    body: Buffer.alloc(0),
    facts,
    others,
    directory: entry
      ? sealDirectoryRow(entry, { tenant, type, rid, key })
      : verb === 'DELETE' && directoryTypes.has(type)
        ? null
        : undefined,
    before: current && {
      at: current.row.at,
      tokens: current.row.tokens.map(String),
    },
    source: `${type}/${rid}`,
    grants: verb === 'DELETE' && type !== 'Patient' ? [] : undefined,
    ...(verb === 'DELETE' && type === 'Consent' && { denials: [] }),
    ...(verb === 'DELETE' && makesMembers(type) && { members: { rows: [], stay: false } }),
  };
}

/** Writes version and date into the body, seals it, and gives back what a reader will see. */
function sealRow(
  ctx: RecordsContext,
  tenant: number,
  { intent, resource }: Drafted,
  row: PlannedRow,
  key: DataKey,
): Opened<Resource> {
  const {
    resourceType: _type,
    id: _id,
    meta,
    ...rest
  } = (resource ?? {}) as Resource & Record<string, unknown>;
  const whole = carryDecimals(resource ?? {}, {
    resourceType: intent.type,
    id: intent.id,
    meta: {
      ...meta,
      versionId: String(row.version),
      lastUpdated: new Date(row.updated).toISOString(),
    },
    ...rest,
  } as Resource);
  const json = Buffer.from(JSON.stringify(whole));
  row.body = ctx.vault.seal(tenant, row, json, key);
  const created = row.version === 1 || intent.current?.row.deleted === true;
  return new Opened(row, json, { created, written: true }, whole);
}

const actions: Record<WriteVerb, [AuditEntry['verb'], string]> = {
  POST: ['C', 'create'],
  PUT: ['U', 'update'],
  PATCH: ['U', 'patch'],
  DELETE: ['D', 'delete'],
};

function auditOf(caller: Caller, at: number, row: PlannedRow): AuditEntry {
  // A PUT to a new id creates [FHIR R4 http.html#upsert].
  const [verb, action] = row.version === 1 ? actions.POST : actions[row.verb];
  return {
    tenant: caller.tenant,
    at,
    requestId: caller.requestId,
    who: caller.id,
    role: caller.role,
    ip: caller.ip,
    device: caller.device,
    verb,
    action,
    type: row.type,
    rid: row.rid,
    patients: [...(row.owner ? [row.owner] : []), ...row.others],
    purpose: caller.purpose,
    outcome: 0,
    // A row rolled back to an older ciphertext is found by this.
    bodyHash: createHash('sha256').update(row.body).digest(),
  };
}

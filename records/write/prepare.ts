/** From intents to a plan: names resolved, policy asked, everything indexed and sealed. */
import { createHash } from 'node:crypto';
import type { AuditEntry, Caller } from '@afar/access';
import { mayWrite } from '@afar/access';
import { compartmentParams, index, ownerOf, references, rewriteReferences } from '@afar/fhir';
import type { Indexed, Resource } from '@afar/fhir';
import type { DataKey, Queryable } from '@afar/platform';
import { isRid } from '../aliases.ts';
import type { RecordsContext } from '../context.ts';
import { directoryRow, directoryTypes, sealDirectoryRow } from '../directory/index.ts';
import { compartmentHash, Opened } from '../vault.ts';
import type { WriteVerb } from '../types.ts';
import { factsOf } from './facts.ts';
import type { Facts } from './facts.ts';
import { instantOf } from './instant.ts';
import type { Intent } from './intent.ts';
import type { Plan, PlannedRow } from './plan.ts';
import { relate } from './relations.ts';

/** Keys that this transaction gave to patients and that no other can see yet. */
export type NewKeys = Map<string, DataKey>;

export interface Prepared {
  plan: Plan;
  /** In the order of the intents. */
  results: Opened<Resource>[];
}

interface Drafted {
  intent: Intent;
  resource?: Resource;
  indexed?: Indexed;
  owner?: string;
  others: string[];
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
  const local = intents.map((intent) => withLocalReferences(intent, `${ctx.baseUrl}/fhir/R4/`));
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
    audit: [],
  };
  const results: Opened<Resource>[] = [];
  const mustHold = new Set<string>();
  for (const one of drafts) {
    const { intent, owner } = one;
    const key = owner === undefined ? tenantKey : keys.get(owner)!;
    const row = rowOf(ctx, tenant, one, key, tenantKey, names.ridOf, now);
    if (one.resource) {
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
        now,
        renamed: names.renamed,
      });
      row.grants = relations.grants;
      for (const patient of relations.mustHold) mustHold.add(patient);
    }
    results.push(sealRow(ctx, tenant, one, row, key));
    plan.rows.push(row);
    plan.audit.push(auditOf(caller, now, row));
  }
  const { principals } = caller;
  plan.mustHold = [...mustHold].map((patient) => ({ patient, principals, at: now }));
  return { plan, results };
}

/**
 * Indexes the resource. A reference by this server's own absolute address is one of ours [FHIR R4 references.html#literal]:
 * it is stored as the relative one, so that owner, edges and policy see it.
 */
function withLocalReferences(
  intent: Intent,
  base: string,
): { intent: Intent; indexed: Indexed | undefined } {
  const { resource } = intent;
  if (!resource) return { intent, indexed: undefined };
  const indexed = index(resource);
  if (!indexed.references.some(({ url }) => url?.startsWith(base))) return { intent, indexed };
  const own = new Map(
    references(resource)
      .filter(({ reference }) => reference.startsWith(base))
      .map(({ reference }) => [reference, reference.slice(base.length)]),
  );
  const rewritten = rewriteReferences(resource, own);
  return { intent: { ...intent, resource: rewritten }, indexed: index(rewritten) };
}

interface Names {
  ridOf(type: string, id: string): string | undefined;
  /** `Type/id` to `Type/rid` for every id that is no rid. */
  renamed: Map<string, string>;
}

/** Ids of others that are no UUIDs: each is given its rid, whether or not it exists yet. */
async function namesOf(
  ctx: RecordsContext,
  sql: Queryable,
  tenant: number,
  all: readonly (Indexed | undefined)[],
): Promise<Names> {
  const renamed = new Map<string, string>();
  const asked = new Map<string, { type: string; id: string }>();
  for (const indexed of all)
    for (const { type, id } of indexed?.references ?? [])
      if (type && id && !isRid(id)) asked.set(`${type}/${id}`, { type, id });
  if (asked.size > 0) {
    const found = await ctx.aliases.claim(sql, tenant, [...asked.values()]);
    [...asked].forEach(([name, { type }], at) => renamed.set(name, `${type}/${found[at]!}`));
  }
  return {
    renamed,
    ridOf: (type, id) => (isRid(id) ? id : renamed.get(`${type}/${id}`)?.slice(type.length + 1)),
  };
}

function draft(intent: Intent, indexed: Indexed | undefined, ridOf: Names['ridOf']): Drafted {
  const { resource, current, type, rid } = intent;
  if (!resource || !indexed) {
    // A deleted resource stays whose it was: who could see it is told that it is gone.
    return { intent, owner: current?.row.owner ?? undefined, others: [] };
  }
  const named = ownerOf(resource)?.id;
  const owner = type === 'Patient' ? rid : named && ridOf('Patient', named);
  const params = compartmentParams(type);
  const others = new Set<string>();
  for (const reference of indexed.references) {
    if (reference.type !== 'Patient' || !reference.id || !params.includes(reference.param))
      continue;
    const patient = ridOf('Patient', reference.id);
    if (patient && patient !== owner) others.add(patient);
  }
  return { intent, resource, indexed, owner, others: [...others] };
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
      ? factsOf(resource, indexed, { tenant: tenantKey.index, owner: key.index }, ridOf, updated)
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
  const whole = {
    resourceType: intent.type,
    id: intent.id,
    meta: {
      ...meta,
      versionId: String(row.version),
      lastUpdated: new Date(row.updated).toISOString(),
    },
    ...rest,
  } as Resource;
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

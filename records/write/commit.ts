/** Carries out intents: one statement, in the caller's transaction or as a transaction of its own. */
import type { Caller } from '@afar/access';
import type { Resource } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { RecordsContext } from '../context.ts';
import { noteReach, tellReach } from '../reach-changes.ts';
import type { Opened } from '../vault.ts';
import { carryOut } from './gather.ts';
import type { Intent } from './intent.ts';
import type { Plan } from './plan.ts';
import { prepare } from './prepare.ts';
import type { NewKeys } from './prepare.ts';

export type Answer = (results: readonly Opened<Resource>[]) => NonNullable<Plan['idempotency']>;

export interface CommitOptions {
  /** Keys made earlier in the same transaction. */
  made?: NewKeys;
  /** What to keep under the request's idempotency key. */
  answer?: Answer;
}

/**
 * @returns the new versions, in the order of the intents
 * @throws StaleWrite, AnsweredMeanwhile, Refusal `forbidden`, `invalid` for a profile that is claimed and not met
 */
export async function commit(
  ctx: RecordsContext,
  sql: Queryable,
  caller: Caller,
  intents: readonly Intent[],
  { made = new Map(), answer }: CommitOptions = {},
): Promise<Opened<Resource>[]> {
  if (intents.length === 0) return [];
  ctx.access.lockdown.requireWritable(caller.tenant);
  if (intents.some(claimsProfile)) {
    const resources = intents.flatMap(({ resource }) => resource ?? []);
    await ctx.conformance.require(sql, caller, resources);
  }
  const { plan, results } = await prepare(ctx, sql, caller, intents, made);
  if (answer) plan.idempotency = answer(results);
  if (sql === ctx.db && isNew(plan)) await ctx.gathered.write(plan);
  else await carryOut(ctx, sql, plan);
  if (plan.reach.length > 0) {
    noteReach(sql, caller.tenant, plan.reach);
    if (sql === ctx.db) tellReach(ctx, sql);
  }
  if (intents.some(({ type }) => type === 'StructureDefinition'))
    ctx.conformance.forget(caller.tenant);
  return results;
}

// One check for the many that claim nothing.
const claimsProfile = ({ resource }: Intent): boolean => resource?.meta?.profile !== undefined;

/** New things under ids of ours: nothing they could collide with, so that strangers may share a statement. */
function isNew(plan: Plan): boolean {
  return plan.idempotency === undefined && plan.rows.every((row) => row.verb === 'POST');
}

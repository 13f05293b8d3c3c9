/**
 * Creates, gathered: what concurrent requests make goes into one statement and one commit, as entries of a transaction
 * would. When it fails, each is tried alone, so that nobody is refused for another's fault.
 *
 * Measured on two cores under load, 16 connections in one process, create Observation, CPU ms of server + PostgreSQL:
 * a statement each 1.06 (0.46 + 0.60), gathered 0.49 (0.30 + 0.19).
 */
import type { Access } from '@afar/access';
import { Refusal } from '@afar/fhir';
import { batcher, Unavailable } from '@afar/platform';
import type { Db, Queryable } from '@afar/platform';
import { StaleWrite, writeError } from './errors.ts';
import type { Plan } from './plan.ts';
import { auditFirst, writeStatement } from './statement.ts';

/** Writes a plan by itself. @throws StaleWrite, AnsweredMeanwhile, Refusal `forbidden` */
export async function carryOut(
  { access }: { access: Access },
  sql: Queryable,
  plan: Plan,
): Promise<void> {
  const audit = await access.audit.insertManySql(plan.audit, auditFirst);
  try {
    await sql.query(writeStatement(plan, audit));
  } catch (error) {
    throw writeError(error);
  }
}

export interface Gathered {
  /** Resolves when the plan is committed. As `carryOut`. */
  write(plan: Plan): Promise<void>;
}

/** Plans of one statement. */
const most = 64;

/** How a plan went: undefined, or why it failed. */
type Outcome = { error: unknown } | undefined;

export function createGathered(deps: { db: Db; access: Access }): Gathered {
  const alone = (plan: Plan): Promise<Outcome> =>
    carryOut(deps, deps.db, plan).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );

  async function together(plans: Plan[]): Promise<Outcome[]> {
    if (plans.length > 1)
      try {
        await carryOut(deps, deps.db, merged(plans));
        return plans.map(() => undefined);
      } catch (error) {
        if (!rolledBack(error)) throw error;
        // Whose fault it was shows when each goes alone.
      }
    return Promise.all(plans.map(alone));
  }

  const add = batcher(together, { size: most, take });
  return {
    async write(plan) {
      const outcome = await add(plan);
      if (outcome) throw outcome.error;
    },
  };
}

/**
 * True when the database itself said no. A connection that broke may have committed: writing again would make
 * everything twice.
 */
function rolledBack(error: unknown): boolean {
  if (error instanceof Refusal || error instanceof StaleWrite) return true;
  const code = (error as { code?: unknown } | null)?.code;
  return !(error instanceof Unavailable) && typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code);
}

/** The first in line and those behind it that can go along: of one clinic, no two giving one patient her first key. */
function take(waiting: readonly Plan[]): Plan[] {
  const firstKeys = new Set<string>();
  return waiting.filter(({ tenant, newKeys }) => {
    const fits =
      tenant === waiting[0]!.tenant && newKeys.every(({ owner }) => !firstKeys.has(owner));
    if (fits) for (const { owner } of newKeys) firstKeys.add(owner);
    return fits;
  });
}

function merged(plans: readonly Plan[]): Plan {
  return {
    tenant: plans[0]!.tenant,
    rows: plans.flatMap((one) => one.rows),
    newKeys: plans.flatMap((one) => one.newKeys),
    mustHold: plans.flatMap((one) => one.mustHold),
    reach: plans.flatMap((one) => one.reach),
    audit: plans.flatMap((one) => one.audit),
  };
}

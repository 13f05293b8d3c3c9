/**
 * Creates, gathered: what concurrent requests make goes into one statement and one commit, as entries of a transaction
 * would. When it fails, each is tried alone, so that nobody is refused for another's fault.
 *
 * Measured on two cores under load, 16 connections in one process, create Observation, CPU ms of server + PostgreSQL:
 * a statement each 1.06 (0.46 + 0.60), gathered 0.49 (0.30 + 0.19).
 */
import type { Access } from '@afar/access';
import { Refusal } from '@afar/fhir';
import { Unavailable } from '@afar/platform';
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

interface Waiter {
  plan: Plan;
  resolve(): void;
  reject(error: unknown): void;
}

/** Two at a time: while one is being synced to disk the next gathers. */
const lanes = 2;
/** Plans of one statement. */
const most = 64;

export function createGathered(deps: { db: Db; access: Access }): Gathered {
  const waiting: Waiter[] = [];
  let running = 0;
  let scheduled = false;

  async function run(batch: Waiter[]): Promise<void> {
    running++;
    try {
      await together(batch);
    } finally {
      running--;
      schedule();
    }
  }

  async function together(batch: Waiter[]): Promise<void> {
    if (batch.length > 1)
      try {
        await carryOut(deps, deps.db, merged(batch.map((one) => one.plan)));
        for (const one of batch) one.resolve();
        return;
      } catch (error) {
        if (!rolledBack(error)) {
          for (const one of batch) one.reject(error);
          return;
        }
        // Whose fault it was shows when each goes alone.
      }
    await Promise.all(
      batch.map(({ plan, resolve, reject }) => carryOut(deps, deps.db, plan).then(resolve, reject)),
    );
  }

  function schedule(): void {
    if (scheduled || waiting.length === 0 || running >= lanes) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      while (waiting.length > 0 && running < lanes) void run(take(waiting));
    });
  }

  return {
    write: (plan) =>
      new Promise((resolve, reject) => {
        waiting.push({ plan, resolve, reject });
        schedule();
      }),
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
function take(waiting: Waiter[]): Waiter[] {
  const batch: Waiter[] = [];
  const left: Waiter[] = [];
  const firstKeys = new Set<string>();
  for (const one of waiting.splice(0)) {
    const { tenant, newKeys } = one.plan;
    const fits =
      batch.length < most &&
      tenant === (batch[0]?.plan.tenant ?? tenant) &&
      newKeys.every(({ owner }) => !firstKeys.has(owner));
    if (!fits) {
      left.push(one);
      continue;
    }
    for (const { owner } of newKeys) firstKeys.add(owner);
    batch.push(one);
  }
  waiting.push(...left);
  return batch;
}

function merged(plans: readonly Plan[]): Plan {
  return {
    tenant: plans[0]!.tenant,
    rows: plans.flatMap((one) => one.rows),
    newKeys: plans.flatMap((one) => one.newKeys),
    mustHold: plans.flatMap((one) => one.mustHold),
    audit: plans.flatMap((one) => one.audit),
  };
}

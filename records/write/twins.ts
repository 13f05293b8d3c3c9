/**
 * Twins: what a conditional create made because the match it looked for was hidden from its author. Nothing of the answer
 * may tell her; somebody who sees both sides must learn of it.
 *
 * Every conditional create that creates leaves a note in its own transaction, hidden match or not, so that answer, time and
 * trace are the same. The house looks afterwards and opens a Task where there is a match. The Task lies in a chart of its
 * own, on which nobody holds or can be given a grant: only callers who see every chart see it, not the author, and not
 * those who hold one side. (Without an owner a Task is the machinery's, and every clinician may read it.)
 */
import { systemCaller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Task } from '@afar/fhir';
import { kidOf, open } from '@afar/platform';
import type { Queryable } from '@afar/platform';
import type { StoreContext } from '../context.ts';
import { sealedFor } from './condition-notes.ts';
import { matchConditions } from './conditional.ts';
import type { Criteria } from './conditional.ts';
import { create } from './operations.ts';
import { houseChart } from './relations.ts';

/** 2 s: a probe of a table that is nearly always empty. Nobody waits for the answer. */
const everyMs = 2_000;
/** Notes taken up at once. */
const page = 20;
/** Matches a Task names. */
const mostNamed = 10;

export const twinTask = { system: 'urn:afar:task', code: 'possible-duplicate' } as const;

interface Note {
  id: string;
  tenant: number;
  type: string;
  rid: string;
  condition: Buffer;
}

export interface Twins {
  start(): void;
  stop(): Promise<void>;
}

export function createTwins(ctx: StoreContext): Twins {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  /** Each note is taken up and answered in one transaction: exactly once, whoever ends in between. */
  async function look(): Promise<void> {
    let taken: number;
    do {
      taken = await ctx.db.tx(async (sql) => {
        const { rows } = await sql.query<Note>({
          name: 'records.take-notes',
          text: `delete from records.twin_check where (tenant, id) in (
                   select tenant, id from records.twin_check order by at limit ${page} for update skip locked)
                 returning id, tenant, type, rid, condition`,
        });
        for (const note of rows)
          try {
            await follow(sql, note);
          } catch (error) {
            // Too much to look at in the whole clinic, or no question any more: given up, or it would hold up all others for ever.
            if (!(error instanceof Refusal) || error.status >= 500) throw error;
            const { tenant, type, rid } = note;
            ctx.log.warn({ tenant, type, rid, why: error.code }, 'not looked at for duplicates');
          }
        return rows.length;
      });
    } while (taken === page);
  }

  async function follow(sql: Queryable, note: Note): Promise<void> {
    const { tenant, type, rid } = note;
    const house = systemCaller(tenant, ctx.clock, 'twins');
    const key = await ctx.keys.byId(tenant, kidOf(note.condition));
    const params = JSON.parse(
      open(note.condition, key, sealedFor(tenant, note.id)).toString(),
    ) as Criteria['params'];
    const [found = []] = await matchConditions(ctx, sql, house, [{ type, params }], mostNamed + 1);
    const others = found.filter((one) => one.rid !== rid).slice(0, mostNamed);
    if (others.length === 0) return;
    const task: Task = {
      resourceType: 'Task',
      status: 'requested',
      intent: 'order',
      code: { coding: [twinTask], text: 'Possible duplicate' },
      for: { reference: `Patient/${houseChart}` },
      focus: { reference: `${type}/${rid}` },
      authoredOn: new Date(ctx.clock.now()).toISOString(),
      input: others.map((one) => ({
        type: { text: 'matched the same condition' },
        valueReference: { reference: `${type}/${one.id}` },
      })),
    };
    await create({ ctx, sql, caller: house }, task);
  }

  function run(): void {
    running ??= look()
      .catch((error: unknown) =>
        ctx.log.warn({ err: error }, 'looking for duplicates failed: it is tried again'),
      )
      .finally(() => (running = undefined));
  }

  return {
    start() {
      timer ??= setInterval(run, everyMs).unref();
    },
    async stop() {
      clearInterval(timer);
      timer = undefined;
      await running;
    },
  };
}

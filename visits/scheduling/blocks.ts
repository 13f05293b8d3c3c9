/** Time kept free by hand: a block fills every lane of an actor's time, so that nothing can be booked there. */
import { randomUUID } from 'node:crypto';
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { Block, BlockRequest } from '../contract.ts';
import { iso, type House } from '../house.ts';
import type { Keep } from '../idempotency.ts';
import { timeFreed } from '../waitlist/freed.ts';
import type { Span } from './open-hours.ts';
import { activeResources } from './resources.ts';
import { fault, isInstant, isUuid, refuseFaults } from './rule.ts';
import { scheduleOf } from './schedules.ts';
import { freeTime, lockActors } from './take-time.ts';

const day = 86_400_000;
/** A quarter: longer absences are closures of the schedule. */
const longest = 92 * day;

/** @throws Refusal 'invalid' (422) */
export function readBlock(body: unknown): BlockRequest {
  const { actor, from, to } = (body ?? {}) as Record<string, unknown>;
  const length = Date.parse(String(to)) - Date.parse(String(from));
  refuseFaults([
    ...(isUuid(actor) ? [] : [fault('actor', 'the id of a clinician or resource')]),
    ...(isInstant(from) ? [] : [fault('from', 'an instant')]),
    ...(isInstant(to) && !(length <= 0 || length > longest)
      ? []
      : [fault('to', 'an instant at most 92 days after from')]),
  ]);
  return { actor: actor as string, from: from as string, to: to as string };
}

interface Row extends Span {
  id: string;
  actor: string;
}

const view = ({ id, actor, start, end }: Row): Block => ({
  id,
  actor,
  start: iso(start),
  end: iso(end),
});

/** Blocks of these actors that touch a span. */
export async function blocksOf(
  sql: Queryable,
  tenant: number,
  actors: readonly string[],
  { start, end }: Span,
): Promise<Block[]> {
  const { rows } = await sql.query<Row>({
    name: 'visits.blocks',
    text: `select id, actor, starts as start, ends as "end" from visits.block
      where tenant = $1 and actor = any($2::uuid[]) and ends > $3 and starts < $4 order by starts, id`,
    values: [tenant, actors, start, end],
  });
  return rows.map(view);
}

async function capacityOf(
  sql: Queryable,
  tenant: number,
  actor: string,
): Promise<number | undefined> {
  const schedule = await scheduleOf(sql, tenant, actor);
  if (schedule) return schedule.rule.capacity;
  return (await activeResources(sql, tenant)).find((one) => one.id === actor)?.capacity;
}

/** @returns how many lanes of [from, to) were empty and are taken now */
async function fill(
  sql: Queryable,
  tenant: number,
  { id, actor, start, end }: Row,
  lanes: { from: number; to: number },
): Promise<number> {
  const { rowCount } = await sql.query({
    name: 'visits.fill-lanes',
    text: `insert into visits.busy (tenant, actor, lane, blocked, source)
      select $1, $2, lane, int8range($3, $4), $5 from generate_series($6::int, $7::int - 1) lane
      on conflict on constraint busy_alone do nothing`,
    values: [tenant, actor, start, end, id, lanes.from, lanes.to],
  });
  return rowCount;
}

/** A schedule that takes more at a time than before: what was blocked is blocked in the new lanes too. In its transaction. */
export async function widenBlocks(
  sql: Queryable,
  tenant: number,
  actor: string,
  lanes: { from: number; to: number },
  now: number,
): Promise<void> {
  if (lanes.to <= lanes.from) return;
  const { rows } = await sql.query<Row>({
    name: 'visits.blocks-to-come',
    text: `select id, actor, starts as start, ends as "end" from visits.block
      where tenant = $1 and actor = $2 and ends > $3`,
    values: [tenant, actor, now],
  });
  for (const row of rows) await fill(sql, tenant, row, lanes);
}

function requireMayBlock(caller: Caller, actor: string): void {
  if (caller.wildcard || caller.role === 'administrator') return;
  if (caller.role !== 'practitioner' || caller.fhirUser?.id !== actor)
    throw new Refusal('forbidden');
}

/** @throws Refusal 'forbidden', 'not-found', 'conflict' (409) when something is booked or held there */
export async function addBlock(
  house: House,
  caller: Caller,
  ask: BlockRequest,
  keep: Keep,
): Promise<Block> {
  const { actor } = ask;
  requireMayBlock(caller, actor);
  const { tenant } = caller;
  const row = {
    id: randomUUID(),
    actor,
    start: Date.parse(ask.from),
    end: Date.parse(ask.to),
  };
  await house.db.tx(async (sql) => {
    await lockActors(sql, tenant, [actor]);
    const capacity = await capacityOf(sql, tenant, actor);
    if (capacity === undefined) throw new Refusal('not-found');
    await sql.query('delete from visits.busy where tenant = $1 and actor = $2 and expires <= $3', [
      tenant,
      actor,
      house.clock.now(),
    ]);
    const { rows } = await sql.query<{ n: number }>(
      `select count(*)::int as n from visits.busy
       where tenant = $1 and actor = $2 and blocked && int8range($3, $4)`,
      [tenant, actor, row.start, row.end],
    );
    if (rows[0]!.n)
      throw new Refusal('conflict', {
        diagnostics: `${rows[0]!.n} bookings or holds are in the way`,
      });
    await fill(sql, tenant, row, { from: 0, to: capacity });
    await sql.query(
      'insert into visits.block (tenant, id, actor, starts, ends) values ($1, $2, $3, $4, $5)',
      [tenant, row.id, actor, row.start, row.end],
    );
    await keep(sql, view(row));
  });
  return view(row);
}

/** @throws Refusal 'forbidden', 'not-found' */
export async function dropBlock(house: House, caller: Caller, id: unknown): Promise<void> {
  if (!isUuid(id)) throw new Refusal('not-found');
  const { tenant } = caller;
  await house.db.tx(async (sql) => {
    const { rows } = await sql.query<{ actor: string }>(
      'select actor from visits.block where tenant = $1 and id = $2 for update',
      [tenant, id],
    );
    if (!rows[0]) throw new Refusal('not-found');
    requireMayBlock(caller, rows[0].actor);
    await sql.query('delete from visits.block where tenant = $1 and id = $2', [tenant, id]);
    await freeTime(sql, tenant, id);
    await timeFreed(house, sql, { tenant, clinician: rows[0].actor });
  });
}

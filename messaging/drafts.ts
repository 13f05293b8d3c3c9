/** What somebody has begun to write: kept sealed until she sends it or takes it back. */
import { randomUUID } from 'node:crypto';
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { House } from './house.ts';
import { seeThread, sideOf } from './standing.ts';
import { findThread } from './store.ts';

export const draftContext = (id: string): string => `messaging.draft|${id}`;
const mostText = 8_000;

/** The patient a place is of: a thread she may see, or a patient she may write for. @throws Refusal 'not-found' */
async function patientOf(house: House, caller: Caller, place: string): Promise<string> {
  if (await findThread(house.db, caller.tenant, place))
    return (await seeThread(house, caller, place)).row.patient;
  await sideOf(house, caller, place);
  await house.records.read(caller, 'Patient', place);
  return place;
}

export async function saveDraft(
  house: House,
  caller: Caller,
  place: string,
  given: unknown,
): Promise<void> {
  const { text } = (given ?? {}) as { text?: unknown };
  if (typeof text !== 'string' || text.length > mostText)
    throw new Refusal('invalid', {
      status: 422,
      diagnostics: `text of ${mostText} characters at most`,
      expression: ['text'],
    });
  const patient = await patientOf(house, caller, place);
  if (text.trim() === '') return dropDraft(house.db, caller, place);
  const id = randomUUID();
  const body = await house.records.sealFor(caller, patient, draftContext(id), text);
  await house.db.query(
    `insert into messaging.draft (tenant, id, account, place, patient, body, saved) values ($1, $2, $3, $4, $5, $6, $7)
     on conflict on constraint draft_place do update set id = excluded.id, body = excluded.body, saved = excluded.saved`,
    [caller.tenant, id, caller.id, place, patient, body, house.clock.now()],
  );
}

export async function dropDraft(sql: Queryable, caller: Caller, place: string): Promise<void> {
  await sql.query('delete from messaging.draft where tenant = $1 and account = $2 and place = $3', [
    caller.tenant,
    caller.id,
    place,
  ]);
}

/** Empty when there is none. */
export async function draftOf(house: House, caller: Caller, place: string): Promise<string> {
  const patient = await patientOf(house, caller, place);
  const { rows } = await house.db.query<{ id: string; body: Buffer }>(
    'select id, body from messaging.draft where tenant = $1 and account = $2 and place = $3',
    [caller.tenant, caller.id, place],
  );
  const row = rows[0];
  return row ? house.records.openFor(caller, patient, draftContext(row.id), row.body) : '';
}

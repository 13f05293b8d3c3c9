/**
 * What becomes of a result that nobody answers: it goes on, to the care team and then to the office, and never away. Each step is
 * taken once, by whichever process holds the row.
 */
import { systemCaller } from '@afar/access';
import type { Patient } from '@afar/fhir';
import { within } from '@afar/platform';
import type { House } from '../house.ts';
import { lastWords } from './gather.ts';
import { levels } from './level.ts';
import { answeringFor, canAnswer } from './responsible.ts';
import { changeResult, lockResult, resultColumns, type ResultRow } from './rows.ts';
import { patience, settingsOf } from './settings.ts';
import { askedNow, tellOffice, tellPatient, tellTeam } from './tell.ts';

/** 10 min: how soon it shows that whoever should answer cannot any more. */
const lookEveryMs = 10 * 60_000;
/** The office is told again each day. */
const dayMs = 86_400_000;
const atOnce = 100;

interface Step {
  rung: number;
  reason: ResultRow['reason'];
  next: number;
  team: string[];
  office: boolean;
}

/** What is to happen to a row now, from what can be read outside a transaction. */
async function stepOf(house: House, row: ResultRow): Promise<Step> {
  const { tenant, patient } = row;
  const now = house.clock.now();
  const settings = await settingsOf(house.db, tenant);
  const waits = patience(settings, levels[row.level]!);
  const stay = { rung: row.rung, reason: row.reason, team: [], office: false };
  if (row.rung >= 2) return { ...stay, next: now + dayMs, office: true };
  if (row.rung === 1) {
    const until = row.arrived + 2 * waits;
    const anybody = now < until && (await answeringFor(house, tenant, patient)).length > 0;
    if (anybody) return { ...stay, next: Math.min(until, now + lookEveryMs) };
    return { ...stay, rung: 2, next: now + dayMs, office: true };
  }
  const asked = await askedNow(house, house.db, row);
  const able = await Promise.all(asked.map((id) => canAnswer(house, tenant, id, patient)));
  const can = able.some((one) => one !== undefined);
  const until = row.arrived + waits;
  if (can && now < until) return { ...stay, next: Math.min(until, now + lookEveryMs) };
  const reason = asked.length === 0 ? 'nobody' : can ? 'silent' : 'unable';
  const team = (await answeringFor(house, tenant, patient)).map((one) => one.account);
  if (team.length) return { rung: 1, reason, next: now + lookEveryMs, team, office: false };
  return { rung: 2, reason, next: now + dayMs, team, office: true };
}

/** A patient who was erased has nobody to tell any more, and no result. */
async function isErased(house: House, { tenant, patient }: ResultRow): Promise<boolean> {
  const caller = systemCaller(tenant, house.clock, 'results');
  const found = await lastWords<Patient>(house, caller, 'Patient', patient);
  return found === undefined || found.deleted;
}

async function lookAt(house: House, row: ResultRow): Promise<void> {
  const erased = await isErased(house, row);
  const step = erased ? undefined : await stepOf(house, row);
  await house.db.tx(async (sql) => {
    const now = await lockResult(sql, row.tenant, row.type, row.rid);
    // Acknowledged, changed or moved on meanwhile.
    if (now?.state !== 'waiting' || now.revision !== row.revision || now.rung !== row.rung) return;
    if (now.next_look !== row.next_look) return;
    if (!step) return changeResult(sql, row, { state: 'erased' });
    const { rung, reason, next } = step;
    await changeResult(sql, row, { rung, reason, next_look: next });
    await tellTeam(house, sql, row.tenant, step.team);
    if (step.office) await tellOffice(house, sql, row.tenant);
  });
}

/** Looks at every row whose time has come, a hundred at a time. @returns how many */
export async function escalate(house: House): Promise<number> {
  const { rows } = await house.db.query<ResultRow>({
    name: 'visits.results-due',
    text: `select ${resultColumns} from visits.result where state = 'waiting' and next_look <= $1
      order by next_look limit ${atOnce}`,
    values: [house.clock.now()],
  });
  for (const row of rows)
    await within(row.tenant, () => lookAt(house, row)).catch(async (error: unknown) => {
      house.log.warn({ err: error, tenant: row.tenant }, 'an unanswered result was not looked at');
      // To the end of the line, and again in the next round: one that fails must not keep the others from ringing.
      await house.db.query({
        name: 'visits.result-later',
        text: `update visits.result set next_look = $5
          where tenant = $1 and type = $2 and rid = $3 and next_look = $4`,
        values: [row.tenant, row.type, row.rid, row.next_look, house.clock.now()],
      });
    });
  return rows.length;
}

/** Tells patients of what they can read since: once each. */
export async function tellReadable(house: House): Promise<void> {
  const now = house.clock.now();
  const { rows } = await house.db.query<ResultRow>({
    name: 'visits.results-untold',
    text: `select ${resultColumns} from visits.result where told_at is null and visible_from <= $1
      and state in ('waiting', 'acknowledged') and not preliminary order by visible_from limit ${atOnce}`,
    values: [now],
  });
  for (const row of rows)
    await within(row.tenant, () =>
      house.db.tx(async (sql) => {
        const held = await lockResult(sql, row.tenant, row.type, row.rid);
        if (!held || held.told_at !== null || held.visible_from > now) return;
        await changeResult(sql, row, { told_at: now });
        if (held.standing !== 'retracted') await tellPatient(house, sql, row);
      }),
    ).catch((error: unknown) =>
      house.log.warn({ err: error, tenant: row.tenant }, 'a patient was not told of a result yet'),
    );
}

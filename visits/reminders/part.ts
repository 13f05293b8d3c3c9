/** Reminders in the background, and their endpoints: the office's rules, what became of a visit's, what leaves and what does not. */
import type { Ask } from '../checks.ts';
import { requireVisitor } from '../checks.ts';
import type { ReminderStanding, ReminderWay, VisitReminders } from '../contract-reminders.ts';
import { channels, iso, type House } from '../house.ts';
import type { Part } from '../parts.ts';
import { openSurveys } from '../surveys/open.ts';
import { Refusal } from '@afar/fhir';
import { handOver, keepMs, settle } from './hand-over.ts';
import { planAhead, ways } from './plan.ts';
import { putRules, readRules, rulesOf } from './rules.ts';

const task = 'visits.remind';
/** Nobody minds twenty seconds. */
const everyMs = 20_000;
/** Hints of one burst (a morning's bookings) are one look. */
const hintMs = 500;

export function requireOffice({ caller }: Ask): void {
  if (caller.role !== 'administrator') throw new Refusal('forbidden');
}

/** Lays out what is new, and orders a worker to hand over what is due. Safe beside itself in other processes. */
export async function look(house: House): Promise<void> {
  while ((await planAhead(house)) > 0);
  await openSurveys(house);
  await settle(house);
  const { rowCount } = await house.db.query(
    `select from visits.reminder where state = 'planned' and due <= $1 limit 1`,
    [house.clock.now()],
  );
  // A job of that name that a killed worker holds is left to it; a new one is made.
  if (rowCount) await house.db.tx((tx) => house.jobs.add(tx, task, {}, { key: task }));
}

interface Row {
  rule: string;
  way: ReminderWay;
  due: number;
  state: VisitReminders['reminders'][number]['state'];
  fault: string | null;
}

async function ofVisit(house: House, tenant: number, visit: string): Promise<VisitReminders> {
  const { rows } = await house.db.query<Row>(
    `select rule, way, due, state, fault from visits.reminder
     where tenant = $1 and kind = 'visit' and subject = $2 order by due, rule, way limit 200`,
    [tenant, visit],
  );
  return {
    reminders: rows.map(({ rule, way, due, state, fault }) => ({
      rule,
      way,
      due: iso(due),
      state,
      ...(fault !== null && { fault }),
    })),
  };
}

async function standing(house: House, tenant: number): Promise<ReminderStanding> {
  const { rows } = await house.db.query<{ way: ReminderWay; state: string; n: number }>(
    `select way, state, count(*)::int as n from visits.reminder
     where tenant = $1 and changed > $2 and state in ('sent', 'unknown', 'failed') group by way, state`,
    [tenant, house.clock.now() - keepMs],
  );
  const of = (way: ReminderWay, state: string): number =>
    rows.find((one) => one.way === way && one.state === state)?.n ?? 0;
  return {
    ways: ways.map((way) => ({
      way,
      sent: of(way, 'sent'),
      unknown: of(way, 'unknown'),
      failed: of(way, 'failed'),
    })),
  };
}

export function remindersPart(house: House): Part {
  const { clock, db, events, jobs, log } = house;
  let timer: NodeJS.Timeout | undefined;
  let hint: NodeJS.Timeout | undefined;
  let unfollow = () => undefined as void;
  let running: Promise<void> = Promise.resolve();

  const soon = (): void => {
    running = running
      .then(() => look(house))
      .catch((error: unknown) => log.warn({ err: error }, 'a look at reminders was put off'));
  };

  return {
    routes(on) {
      const office = [requireOffice];
      on.signedIn(
        'GET',
        '/reminders/rules',
        { action: 'reminder-rules', verb: 'R' },
        office,
        async ({ caller }) => (await rulesOf(db, caller.tenant)).rules,
      );
      on.signedIn(
        'PUT',
        '/reminders/rules',
        { action: 'set-reminder-rules', verb: 'U' },
        office,
        async ({ caller, req }) => {
          const rules = readRules(req.body);
          await putRules(db, caller.tenant, rules, clock.now());
          return rules;
        },
      );
      on.signedIn(
        'GET',
        '/reminders/standing',
        { action: 'reminder-standing', verb: 'R' },
        office,
        ({ caller }) => standing(house, caller.tenant),
      );
      on.onVisit(
        'GET',
        '/visits/:id/reminders',
        { action: 'reminders', verb: 'R' },
        [requireVisitor],
        ({ row }) => ofVisit(house, row.tenant, row.rid),
      );
    },
    start() {
      jobs.define(task, async () => {
        await handOver(house);
      });
      timer = setInterval(soon, everyMs);
      timer.unref();
      unfollow = events.subscribe(channels.changed, () => {
        hint ??= setTimeout(() => {
          hint = undefined;
          soon();
        }, hintMs).unref();
      });
    },
    async stop() {
      clearInterval(timer);
      clearTimeout(hint);
      unfollow();
      await running;
    },
  };
}

/**
 * Hands reminders over, each once. What is claimed is marked in a committed transaction before the gateway is called: a worker
 * that is killed in between leaves `handing`, which nobody takes up again and which is called `unknown` after a while. A
 * reminder that is lost is a visit remembered some other way; one that comes twice teaches people not to read them.
 */
import { isQuiet, quietEnds, type Reach } from '@afar/access';
import { DeliveryFailed, within, type Queryable } from '@afar/platform';
import type { House } from '../house.ts';
import { kindOf, maySee, zoneOf, type Kind, type Reminder } from './kinds.ts';

/** Longer than any gateway's own limits together. */
export const unknownAfterMs = 10 * 60_000;
/** So often a gateway that certainly took nothing is asked again. */
const mostTries = 5;
/** How long what became of a reminder is shown. */
export const keepMs = 30 * 86_400_000;

const columns = 'tenant, id, kind, subject, account, way, rule, about, due, until, tries';

type Outcome = { state: 'sent' | 'failed' | 'dropped' | 'unknown'; fault?: string };
interface Claimed {
  one: Reminder;
  kind: Kind;
  who: Reach;
}

async function mark(
  sql: Queryable,
  { tenant, id }: Pick<Reminder, 'tenant' | 'id'>,
  { state, fault }: Outcome | { state: 'handing'; fault?: string },
  now: number,
): Promise<void> {
  await sql.query({
    name: 'visits.mark-reminder',
    text: `update visits.reminder set state = $3, fault = $4, changed = $5, tries = tries + ($3 = 'handing')::int
      where tenant = $1 and id = $2`,
    values: [tenant, id, state, fault ?? null, now],
  });
}

async function later(sql: Queryable, one: Reminder, due: number, now: number): Promise<void> {
  await sql.query({
    name: 'visits.later-reminder',
    text: `update visits.reminder set state = 'planned', due = $3, changed = $4 where tenant = $1 and id = $2`,
    values: [one.tenant, one.id, due, now],
  });
}

const goesBy = (who: Reach, { way }: Reminder): boolean =>
  way === 'app' || (way === 'push' ? who.push : who[way] !== undefined);

/** The earliest one that is due, looked at and marked; `done` when it came to its end without a gateway. */
async function claim(house: House): Promise<Claimed | 'done' | undefined> {
  const now = house.clock.now();
  const found = await house.db.query<Pick<Reminder, 'tenant' | 'id'>>({
    name: 'visits.reminder-due',
    text: `select tenant, id from visits.reminder where state = 'planned' and due <= $1 order by due, id limit 1`,
    values: [now],
  });
  const next = found.rows[0];
  if (!next) return undefined;
  return within(next.tenant, () => claimOne(house, next, now));
}

async function claimOne(
  house: House,
  { tenant, id }: Pick<Reminder, 'tenant' | 'id'>,
  now: number,
): Promise<Claimed | 'done'> {
  const { rows: seen } = await house.db.query<Reminder>(
    `select ${columns} from visits.reminder where tenant = $1 and id = $2`,
    [tenant, id],
  );
  const one = seen[0]!;
  const kind = kindOf(one.kind);
  const who = kind && (await house.access.contacts.reach(tenant, one.account, kind.topic));
  const sees = who !== undefined && (await maySee(house, one));
  const zone = who === undefined ? 'UTC' : await zoneOf(house, one, who);
  return house.db.tx(async (tx) => {
    const { rowCount } = await tx.query(
      `select from visits.reminder where tenant = $1 and id = $2 and state = 'planned' for update`,
      [tenant, id],
    );
    // Another process was faster.
    if (!rowCount) return 'done';
    const drop = async (fault: string): Promise<'done'> => {
      await mark(tx, one, { state: 'dropped', fault }, now);
      return 'done';
    };
    if (!kind || !who || !sees) return drop('unseen');
    const over = await kind.over(tx, one);
    if (over) return drop(over);
    if (now >= one.until) return drop('late');
    if (!goesBy(who, one)) return drop('unwanted');
    if (one.way === 'app') {
      // In the app it is told and marked in one transaction.
      const about = { visit: one.subject, at: one.about };
      const to = { account: one.account };
      await house.access.notices.tell({ tenant, to, kind: kind.notice, about }, tx);
      await mark(tx, one, { state: 'sent' }, now);
      return 'done';
    }
    if (isQuiet(now, zone, who.quiet)) {
      // Nobody was there to hand it over when it was due, or she chose other hours since.
      const due = quietEnds(now, zone, who.quiet);
      if (due >= one.until) return drop('late');
      await later(tx, one, due, now);
      return 'done';
    }
    await mark(tx, one, { state: 'handing' }, now);
    return { one, kind, who };
  });
}

async function give(house: House, { one, kind, who }: Claimed): Promise<void> {
  const { access, delivery } = house;
  const said = await kind.said(house, one, who);
  if (one.way === 'push') {
    const { taken, failed } = await access.contacts.push(one.tenant, one.account, said.push);
    if (taken === 0) throw new DeliveryFailed(failed[0] ?? 'push-gone', true);
    return;
  }
  if (one.way === 'sms') return delivery.sms({ to: who.sms!, text: said.sms });
  const topic = kind.topic === 'surveys' ? 'surveys:mail' : 'visits:mail';
  const { page, post } = await access.contacts.optOutUrls(one.tenant, one.account, topic);
  await delivery.mail({
    to: who.mail!,
    subject: said.subject,
    text: `${said.text}\n\n${said.optOut}\n${page}`,
    unsubscribe: post,
  });
}

async function handOne(house: House, claimed: Claimed): Promise<void> {
  const { one } = claimed;
  const { clock, db, log } = house;
  try {
    await give(house, claimed);
    await mark(db, one, { state: 'sent' }, clock.now());
  } catch (error) {
    const now = clock.now();
    if (!(error instanceof DeliveryFailed)) {
      log.error({ err: error, reminderId: one.id }, 'a reminder was not handed over');
      return mark(db, one, { state: 'unknown', fault: 'internal' }, now);
    }
    const { code, permanent, untaken } = error;
    log.warn({ reminderId: one.id, way: one.way, fault: code }, 'a reminder was not taken');
    if (!untaken) return mark(db, one, { state: 'unknown', fault: code }, now);
    const due = now + 2 ** one.tries * 60_000;
    if (permanent || one.tries + 1 >= mostTries || due >= one.until)
      return mark(db, one, { state: 'failed', fault: code }, now);
    await later(db, one, due, now);
  }
}

/** Hands over everything that is due. @returns how many came to an end or to a gateway */
export async function handOver(house: House): Promise<number> {
  for (let count = 0; ; count++) {
    const claimed = await claim(house);
    if (!claimed) return count;
    if (claimed !== 'done') await within(claimed.one.tenant, () => handOne(house, claimed));
  }
}

/** Calls unknown what was being handed over when its worker ended, drops what is over, forgets what is old. */
export async function settle(house: House): Promise<void> {
  const now = house.clock.now();
  const { rowCount } = await house.db.query({
    name: 'visits.reminders-unknown',
    text: `update visits.reminder set state = 'unknown', fault = 'cut-off', changed = $2
      where state = 'handing' and changed < $1`,
    values: [now - unknownAfterMs, now],
  });
  if (rowCount)
    house.log.warn({ reminders: rowCount }, 'reminders were cut off; they are not sent again');
  await house.db.query({
    name: 'visits.reminders-over',
    text: `update visits.reminder r set state = 'dropped', fault = 'over', changed = $1 from visits.visit v
      where r.state = 'planned' and r.kind = 'visit' and v.tenant = r.tenant and v.rid = r.subject
        and v.state <> 'booked'`,
    values: [now],
  });
  await house.db.query({
    name: 'visits.reminders-old',
    text: `delete from visits.reminder where changed < $1 and state in ('sent', 'unknown', 'failed', 'dropped')`,
    values: [now - keepMs],
  });
}

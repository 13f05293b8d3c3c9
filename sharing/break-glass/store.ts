/** Rows of break-glass: opened, ended, reviewed; the words sealed under the clinic's key. */
import { aad, open, seal, type KeyRing, type Queryable } from '@afar/platform';
import type { EmergencyReason } from './contract.ts';

export interface GlassEntry {
  id: string;
  patient: string;
  account: string;
  role: string;
  reason: EmergencyReason;
  /** ms since epoch. */
  starts: number;
  ends: number;
  ended: number | null;
  decision: 'accepted' | 'questioned' | null;
}

interface Sealed extends GlassEntry {
  sealed: Buffer;
  question: Buffer | null;
  times: number;
}

/** Ties words to what they explain. */
export const bindGlass = (
  tenant: number,
  what: 'reason' | 'question',
  { id, patient, account }: Pick<GlassEntry, 'id' | 'patient' | 'account'>,
): Buffer => aad('sharing.break_glass', tenant, what, id, patient, account);

const columns =
  'b.id, b.patient, b.account, b.role, b.reason, b.starts, b.ends, b.ended, b.decision';

/** One that is open for this person and patient now. */
export async function liveOf(
  sql: Queryable,
  tenant: number,
  { account, patient, id, now }: { account: string; patient?: string; id?: string; now: number },
): Promise<GlassEntry | undefined> {
  const { rows } = await sql.query<GlassEntry>({
    name: 'sharing.live-glass',
    text: `select ${columns} from sharing.break_glass b where b.tenant = $1 and b.account = $2
      and ($3::uuid is null or b.patient = $3) and ($4::uuid is null or b.id = $4)
      and b.ends > $5 and b.ended is null order by b.starts desc limit 1`,
    values: [tenant, account, patient ?? null, id ?? null, now],
  });
  return rows[0];
}

/** All of one person's that are open now. */
export async function allLiveOf(
  sql: Queryable,
  tenant: number,
  account: string,
  now: number,
): Promise<GlassEntry[]> {
  const { rows } = await sql.query<GlassEntry>({
    name: 'sharing.all-live-glass',
    text: `select ${columns} from sharing.break_glass b where b.tenant = $1 and b.account = $2
      and b.ends > $3 and b.ended is null order by b.starts desc limit 50`,
    values: [tenant, account, now],
  });
  return rows;
}

export async function addGlass(
  sql: Queryable,
  keys: KeyRing,
  tenant: number,
  entry: GlassEntry,
  words: string,
): Promise<void> {
  const key = await keys.tenant(tenant);
  await sql.query({
    name: 'sharing.add-glass',
    text: `insert into sharing.break_glass (tenant, id, patient, account, role, reason, sealed, starts, ends)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    values: [
      tenant,
      entry.id,
      entry.patient,
      entry.account,
      entry.role,
      entry.reason,
      seal(words, key, bindGlass(tenant, 'reason', entry)),
      entry.starts,
      entry.ends,
    ],
  });
}

/** Undefined when it is not there, or over. */
export async function endGlass(
  sql: Queryable,
  tenant: number,
  id: string,
  { by, now, own }: { by: string; now: number; own: boolean },
): Promise<GlassEntry | undefined> {
  const { rows } = await sql.query<GlassEntry>({
    name: 'sharing.end-glass',
    text: `update sharing.break_glass b set ended = $3, ended_by = $4 where b.tenant = $1 and b.id = $2
      and b.ended is null and b.ends > $3 and (not $5::bool or b.account = $4) returning ${columns}`,
    values: [tenant, id, now, by, own],
  });
  return rows[0];
}

/** How often this account opened charts so since an instant. */
export async function timesSince(
  sql: Queryable,
  tenant: number,
  account: string,
  since: number,
): Promise<number> {
  const { rows } = await sql.query<{ times: number }>({
    name: 'sharing.glass-times',
    text: `select count(*)::int as times from sharing.break_glass where tenant = $1 and account = $2 and starts >= $3`,
    values: [tenant, account, since],
  });
  return rows[0]!.times;
}

const month = 30 * 86_400_000;

/** Newest first, with their words. */
export async function listGlass(
  sql: Queryable,
  keys: KeyRing,
  tenant: number,
  { before, limit }: { before: number; limit: number },
): Promise<(GlassEntry & { text: string; question?: string; times: number })[]> {
  const { rows } = await sql.query<Sealed>({
    name: 'sharing.list-glass',
    text: `select ${columns}, b.sealed, b.question,
        (select count(*)::int from sharing.break_glass o where o.tenant = b.tenant and o.account = b.account
          and o.starts > b.starts - $4::bigint and o.starts <= b.starts) as times
      from sharing.break_glass b where b.tenant = $1 and b.starts < $2
      order by b.starts desc, b.id limit $3`,
    values: [tenant, before, limit, month],
  });
  return Promise.all(
    rows.map(async ({ sealed, question, ...entry }) => {
      const words = async (text: Buffer, what: 'reason' | 'question'): Promise<string> =>
        open(text, await keys.tenant(tenant), bindGlass(tenant, what, entry)).toString();
      return {
        ...entry,
        text: await words(sealed, 'reason'),
        ...(question && { question: await words(question, 'question') }),
      };
    }),
  );
}

/** Undefined when it is not there. */
export async function reviewGlass(
  sql: Queryable,
  keys: KeyRing,
  tenant: number,
  id: string,
  opts: { by: string; now: number; decision: 'accepted' | 'questioned'; text: string | undefined },
): Promise<GlassEntry | undefined> {
  const found = await sql.query<GlassEntry>({
    name: 'sharing.glass',
    text: `select ${columns} from sharing.break_glass b where b.tenant = $1 and b.id = $2 for update`,
    values: [tenant, id],
  });
  const entry = found.rows[0];
  if (!entry) return undefined;
  const sealed =
    opts.text === undefined
      ? null
      : seal(opts.text, await keys.tenant(tenant), bindGlass(tenant, 'question', entry));
  await sql.query({
    name: 'sharing.review-glass',
    text: `update sharing.break_glass set decision = $3, decided = $4, decided_by = $5, question = $6
      where tenant = $1 and id = $2`,
    values: [tenant, id, opts.decision, opts.now, opts.by, sealed],
  });
  return entry;
}

/** Counts a search; true when there were too many in the last minutes. */
export async function countSearch(
  sql: Queryable,
  tenant: number,
  account: string,
  { id, now, most, within }: { id: string; now: number; most: number; within: number },
): Promise<boolean> {
  await sql.query({
    name: 'sharing.add-search',
    text: `with gone as (delete from sharing.emergency_search where tenant = $1 and account = $2 and at < $5)
      insert into sharing.emergency_search (tenant, account, at, id) values ($1, $2, $3, $4)`,
    values: [tenant, account, now, id, now - within],
  });
  const { rows } = await sql.query<{ n: number }>({
    name: 'sharing.searches',
    text: `select count(*)::int as n from sharing.emergency_search where tenant = $1 and account = $2 and at > $3`,
    values: [tenant, account, now - within],
  });
  return rows[0]!.n > most;
}

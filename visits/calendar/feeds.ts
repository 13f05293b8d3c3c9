/** Calendars to subscribe to: a secret address for each, kept as a hash, dead as soon as its owner says so. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { CalendarWords, Feed, NewFeed } from '../contract.ts';
import { iso, type House } from '../house.ts';
import { fault, isUuid, refuseFaults } from '../scheduling/rule.ts';

/** Calendars of one person's devices. */
const mostFeeds = 5;
/** 256 bits: nobody guesses one. */
const secretBytes = 32;

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

export interface FeedRow {
  id: string;
  account: string;
  person: string;
  kind: 'Patient' | 'Practitioner';
  words: CalendarWords;
  since: number;
  read_at: number | null;
}

const columns = 'id, account, person, kind, words, since, read_at';

const view = ({ id, words, since, read_at: read }: FeedRow): Feed => ({
  id,
  words,
  since: iso(since),
  ...(read !== null && { lastRead: iso(read) }),
});

/** Whose times a feed of this caller's tells. @throws Refusal 'forbidden' for who has no visits */
function ownerOf({ fhirUser }: Caller): Pick<FeedRow, 'person' | 'kind'> {
  const { type, id } = fhirUser ?? {};
  if (id === undefined || (type !== 'Patient' && type !== 'Practitioner'))
    throw new Refusal('forbidden');
  return { person: id, kind: type };
}

/** What may be said: a patient's name never leaves by the calendar of staff. @throws Refusal 'invalid' (422) */
export function readWords(value: unknown, caller: Caller): CalendarWords {
  const known: CalendarWords[] = ['appointment', 'mode'];
  if (caller.role === 'patient') known.push('person');
  const words = value ?? 'appointment';
  if (!known.includes(words as CalendarWords)) refuseFaults([fault('words', known.join(', '))]);
  return words as CalendarWords;
}

/** @throws Refusal 'conflict' (409) for more than a person has devices */
export async function addFeed(
  house: House,
  caller: Caller,
  words: CalendarWords,
  baseUrl: string,
): Promise<NewFeed> {
  const { tenant, id: account } = caller;
  const secret = randomBytes(secretBytes).toString('base64url');
  const row: FeedRow = {
    id: randomUUID(),
    account,
    ...ownerOf(caller),
    words,
    since: house.clock.now(),
    read_at: null,
  };
  const add = {
    name: 'visits.add-feed',
    text: `insert into visits.feed (tenant, id, secret, account, person, kind, words, since)
      select $1, $2, $3, $4, $5, $6, $7, $8
      where (select count(*) from visits.feed where tenant = $1 and account = $4) < $9`,
    values: [
      tenant,
      row.id,
      hashOf(secret),
      account,
      row.person,
      row.kind,
      words,
      row.since,
      mostFeeds,
    ],
  };
  const { rowCount } = await house.db.tx(async (sql) => {
    // Of two at once only one finds room for the last one.
    await sql.query('select pg_advisory_xact_lock(4197107, hashtext($1))', [
      `${tenant}|${account}`,
    ]);
    return sql.query(add);
  });
  if (!rowCount) throw new Refusal('conflict', { diagnostics: `at most ${mostFeeds} calendars` });
  return { ...view(row), url: `${baseUrl}/api/feeds/${secret}/calendar.ics` };
}

export async function listFeeds(house: House, { tenant, id }: Caller): Promise<Feed[]> {
  const { rows } = await house.db.query<FeedRow>({
    name: 'visits.feeds-of',
    text: `select ${columns} from visits.feed where tenant = $1 and account = $2 order by since, id`,
    values: [tenant, id],
  });
  return rows.map(view);
}

/** @throws Refusal 'not-found' for another's */
export async function dropFeed(house: House, caller: Caller, id: unknown): Promise<void> {
  if (!isUuid(id)) throw new Refusal('not-found');
  const { rowCount } = await house.db.query({
    name: 'visits.drop-feed',
    text: 'delete from visits.feed where tenant = $1 and account = $2 and id = $3',
    values: [caller.tenant, caller.id, id],
  });
  if (!rowCount) throw new Refusal('not-found');
}

/** Written at most so often: readers come by the minute. */
const readEveryMs = 10 * 60_000;

/**
 * The feed of a secret, while its owner's account is active and still the same person's.
 * @throws Refusal 'not-found' for every secret that opens nothing
 */
export async function feedBy(
  house: House,
  tenant: number,
  secret: unknown,
): Promise<{ feed: FeedRow; locale: string }> {
  if (typeof secret !== 'string' || !/^[\w-]{43}$/.test(secret)) throw new Refusal('not-found');
  const { rows } = await house.db.query<FeedRow>({
    name: 'visits.feed-by',
    text: `select ${columns} from visits.feed where tenant = $1 and secret = $2`,
    values: [tenant, hashOf(secret)],
  });
  const feed = rows[0];
  const account = feed && (await house.access.accounts.get(tenant, feed.account));
  const user = account?.fhirUser;
  if (!feed || account?.status !== 'active' || user?.id !== feed.person || user.type !== feed.kind)
    throw new Refusal('not-found');
  const now = house.clock.now();
  await house.db.query({
    name: 'visits.feed-read',
    text: `update visits.feed set read_at = $3
      where tenant = $1 and id = $2 and coalesce(read_at, 0) < $4`,
    values: [tenant, feed.id, now, now - readEveryMs],
  });
  return { feed, locale: account.personal.locale };
}

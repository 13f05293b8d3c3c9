/** Calendar files: one appointment, and calendars to subscribe to: `/api/appointments/:id/calendar.ics`, `/api/feeds`. */
import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { requireVisitor } from '../checks.ts';
import type { Feed, NewFeed } from '../contract.ts';
import type { House } from '../house.ts';
import type { Part } from '../parts.ts';
import type { VisitRow } from '../visit-row.ts';
import { addFeed, dropFeed, feedBy, listFeeds, readWords, type FeedRow } from './feeds.ts';
import { calendarFile, type CalendarFile, type Event } from './icalendar.ts';
import { calendarName, summaryOf } from './summaries.ts';

const day = 86_400_000;
/** What a calendar on a telephone shows: a month back, a year ahead. */
const behind = 31 * day;
const ahead = 400 * day;
const mostEvents = 1_000;

type Shown = Pick<
  VisitRow,
  'rid' | 'clinician' | 'mode' | 'state' | 'starts' | 'ends' | 'sequence'
>;

const eventOf = (row: Shown, summary: string): Event => ({
  uid: row.rid,
  starts: row.starts,
  ends: row.ends,
  sequence: row.sequence,
  state: row.state,
  summary,
});

/** Called off ones too: a reader that has them strikes them out. */
async function visitsOf(
  house: House,
  tenant: number,
  { person, kind }: FeedRow,
  now: number,
): Promise<Shown[]> {
  const of = kind === 'Patient' ? 'patient' : 'clinician';
  const { rows } = await house.db.query<Shown>({
    name: `visits.feed-${of}`,
    text: `select rid, clinician, mode, state, starts, ends, sequence from visits.visit
      where tenant = $1 and ${of} = $2 and starts > $3 and starts < $4 order by starts, rid limit $5`,
    values: [tenant, person, now - behind, now + ahead, mostEvents],
  });
  return rows;
}

export function calendarPart(house: House): Part {
  const baseUrlOf = (tenant: number): string => house.baseUrlOf?.(tenant) ?? house.baseUrl;

  /** What every file of a tenant says of the clinic. */
  const from = (tenant: number): Pick<CalendarFile, 'organizer' | 'url' | 'now'> => {
    const url = baseUrlOf(tenant);
    const { hostname } = new URL(url);
    const organizer = { name: hostname, mail: `noreply@${hostname}` };
    return { organizer, url, now: house.clock.now() };
  };

  async function eventsOf(
    tenant: number,
    feed: FeedRow,
    locale: string,
    rows: readonly Shown[],
  ): Promise<Event[]> {
    const names = new Map<string, string>();
    if (feed.words === 'person')
      for (const id of new Set(rows.map((row) => row.clinician)))
        names.set(id, (await house.directory.clinician(tenant, id)).name);
    return rows.map((row) => {
      const clinician = names.get(row.clinician) ?? '';
      return eventOf(row, summaryOf(feed.words, locale, { mode: row.mode, clinician }));
    });
  }

  const send = (reply: FastifyReply, file: string, name: string): FastifyReply =>
    reply
      .type('text/calendar; charset=utf-8')
      .header('content-disposition', `attachment; filename="${name}"`)
      .header('cache-control', 'private, no-cache')
      .send(file);

  return {
    routes(on, app) {
      on.onVisit(
        'GET',
        '/appointments/:id/calendar.ics',
        { action: 'calendar-file', verb: 'R' },
        [requireVisitor],
        async ({ caller, row, req, reply }) => {
          const words = readWords((req.query as { words?: unknown }).words, caller);
          const { name: clinician } = await house.directory.clinician(row.tenant, row.clinician);
          const summary = summaryOf(words, caller.locale, { mode: row.mode, clinician });
          const method = row.state === 'cancelled' ? ('CANCEL' as const) : ('PUBLISH' as const);
          const events = [eventOf(row, summary)];
          const file = calendarFile({ ...from(row.tenant), method, events });
          return send(reply, file, 'appointment.ics');
        },
      );

      on.signedIn(
        'GET',
        '/feeds',
        { action: 'feeds', verb: 'R' },
        [requireVisitor],
        async ({ caller }): Promise<Feed[]> => listFeeds(house, caller),
      );
      on.signedIn(
        'POST',
        '/feeds',
        { action: 'add-feed', verb: 'C' },
        [requireVisitor],
        async ({ caller, req, reply }): Promise<NewFeed> => {
          const words = readWords((req.body as { words?: unknown } | null)?.words, caller);
          const made = await addFeed(house, caller, words, baseUrlOf(caller.tenant));
          void reply.code(201).header('cache-control', 'no-store');
          return made;
        },
      );
      on.signedIn(
        'DELETE',
        '/feeds/:feed',
        { action: 'drop-feed', verb: 'U' },
        [requireVisitor],
        async ({ caller, req, reply }) => {
          await dropFeed(house, caller, (req.params as { feed?: string }).feed);
          return reply.code(204).send();
        },
      );

      // Whoever has the address reads it: a calendar does not sign in. It stands in no log: requests are logged by route.
      app.get<{ Params: { feed: string } }>('/feeds/:feed/calendar.ics', async (req, reply) => {
        Object.assign(req.evidence, { action: 'read-feed', verb: 'R' });
        const tenant = req.tenant ?? house.tenantOf?.(req.host) ?? 1;
        const { feed, locale } = await feedBy(house, tenant, req.params.feed);
        req.evidence.rid = feed.id;
        if (feed.kind === 'Patient') req.evidence.patients.push(feed.person);
        const rows = await visitsOf(house, tenant, feed, house.clock.now());
        const events = await eventsOf(tenant, feed, locale, rows);
        // DTSTAMP is the moment of reading: what did not change has the same tag all the same.
        const state = JSON.stringify([feed.words, locale, events]);
        const tag = `"${createHash('sha256').update(state).digest('base64url')}"`;
        void reply.header('etag', tag);
        if (req.headers['if-none-match'] === tag) return reply.code(304).send();
        const name = calendarName(locale);
        const file = calendarFile({ ...from(tenant), method: 'PUBLISH', name, events });
        return send(reply, file, 'calendar.ics');
      });
    },
  };
}

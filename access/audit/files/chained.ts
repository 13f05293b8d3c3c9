/** Events of a clinic and a span, each under the link that proves it: what goes into a file. */
import type { Db } from '@afar/platform';
import { instantOf } from '../../ids.ts';
import { columns, type EventRow } from '../row.ts';
import type { LinkRow } from '../verify/links.ts';

export interface Span {
  /** ms since epoch, inclusive / exclusive. */
  from: number;
  to: number;
  who?: string;
  patient?: string;
}

export interface ChainedEvents {
  link: LinkRow & { before: Buffer | null };
  rows: EventRow[];
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const sliceMs = 10 * 60_000;
const linkColumns = 'l.chain, l.n, l.at, l.events, l.digests, l.hash, b.hash as before';
const withBefore = 'left join access.audit_link b on b.chain = l.chain and b.n = l.n - 1';

type Linked = ChainedEvents['link'];

/** Links of the span in order of their instants; those of a late recovery come at the end. */
async function* linksOf(db: Db, tenant: number, { from, to }: Span): AsyncGenerator<Linked> {
  for (let at = from - hourMs; at < to + dayMs; at += sliceMs) {
    const { rows } = await db.query<Linked>({
      name: 'access.file-links',
      text: `select ${linkColumns} from access.audit_link l ${withBefore}
        where l.at >= $1 and l.at < $2 order by l.at, l.chain, l.n`,
      values: [at, Math.min(at + sliceMs, to + dayMs)],
    });
    yield* rows;
  }
  for (let day = from; day < to; day += dayMs) {
    const until = Math.min(day + dayMs, to);
    const { rows } = await db.query<Linked>(
      `select ${linkColumns} from access.audit_link l ${withBefore}
       where l.at >= $4 and l.events && array(
         select e.id from access.audit_event e
         left join (select unnest(events) as id from access.audit_link where at >= $5 and at < $4) k on k.id = e.id
         where e.tenant = $1 and e.at >= $2 and e.at < $3 and k.id is null)
       order by l.at, l.chain, l.n`,
      [tenant, day, until, to + dayMs, from - hourMs],
    );
    yield* rows;
  }
}

/** Links that hold nothing of what was asked are left out. */
export async function* chainedEvents(
  db: Db,
  tenant: number,
  span: Span,
): AsyncGenerator<ChainedEvents> {
  const { from, to, who, patient } = span;
  for await (const link of linksOf(db, tenant, span)) {
    const ids = link.events.filter((id) => instantOf(id) >= from && instantOf(id) < to);
    if (ids.length === 0) continue;
    const { rows } = await db.query<EventRow>({
      name: 'access.file-events',
      text: `select ${columns
        .split(', ')
        .map((name) => `e.${name}`)
        .join(', ')}
      from unnest($2::bigint[], $3::uuid[]) k(at, id)
      join access.audit_event e on e.tenant = $1 and e.at = k.at and e.id = k.id`,
      values: [tenant, ids.map(instantOf), ids],
    });
    const wanted = rows.filter(
      (row) =>
        (who === undefined || row.who === who) &&
        (patient === undefined || row.patients?.includes(patient)),
    );
    if (wanted.length > 0) yield { link, rows: wanted };
  }
}

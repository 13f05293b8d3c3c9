/** The links of the chain, page by page, each with its events; the next page is fetched while one is checked. */
import type { Db } from '@afar/platform';
import { instantOf } from '../../ids.ts';
import { columns, type EventRow } from '../row.ts';

export interface LinkRow {
  chain: string;
  n: number;
  at: number;
  events: string[];
  digests: Buffer;
  hash: Buffer;
}

export interface Page {
  links: LinkRow[];
  events: Map<string, EventRow>;
}

/** Where to begin in a chain: the link to read next, and the hash before it. */
export interface Position {
  n: number;
  hash: Buffer;
}

/** Events of one page: what memory is bounded by. */
const eventsAtOnce = 5_000;
const mostLinks = 500;

// A loose index scan: one probe a chain, and there is one a process.
const listChains = `with recursive c as (
  (select chain from access.audit_link order by chain limit 1)
  union all
  select (select l.chain from access.audit_link l where l.chain > c.chain order by l.chain limit 1)
  from c where c.chain is not null
)
select chain from c where chain is not null`;

// The same, by clinic.
const listTenants = `with recursive t as (
  select min(tenant) as tenant from access.audit_event
  union all
  select (select min(e.tenant) from access.audit_event e where e.tenant > t.tenant)
  from t where t.tenant is not null
)
select tenant from t where tenant is not null`;

const pageOf = `select chain, n, at, events, digests, hash from access.audit_link
where chain = $1 and n >= $2 order by n limit $3`;

// One probe an event: chains of several processes lie interleaved, so that a range would read each event many times.
const eventsOf = `select ${columns
  .split(', ')
  .map((name) => `e.${name}`)
  .join(', ')}
from unnest($2::bigint[], $3::uuid[]) k(at, id)
join access.audit_event e on e.tenant = any($1::int[]) and e.at = k.at and e.id = k.id`;

export async function chainsOf(db: Db): Promise<string[]> {
  return (await db.query<{ chain: string }>(listChains)).rows.map((row) => row.chain);
}

export async function tenantsOf(db: Db): Promise<number[]> {
  return (await db.query<{ tenant: number }>(listTenants)).rows.map((row) => row.tenant);
}

/** A chain from a position on. */
export async function* pagesOf(
  db: Db,
  tenants: readonly number[],
  chain: string,
  from: number,
): AsyncGenerator<Page> {
  let size = 50;
  const fetch = async (n: number): Promise<Page> => {
    const { rows } = await db.query<LinkRow>({
      name: 'access.verify-links',
      text: pageOf,
      values: [chain, n, size],
    });
    // Links hold one event or five hundred: the next page is cut by what this one held.
    const held = rows.reduce((sum, row) => sum + row.events.length, 0);
    if (rows.length > 0)
      size = Math.max(
        1,
        Math.min(mostLinks, Math.floor((eventsAtOnce * rows.length) / (held || 1))),
      );
    const ids = rows.flatMap((row) => row.events);
    const found = await db.query<EventRow>({
      name: 'access.verify-events',
      text: eventsOf,
      values: [tenants, ids.map(instantOf), ids],
    });
    return { links: rows, events: new Map(found.rows.map((row) => [row.id, row])) };
  };
  let coming = fetch(from);
  for (;;) {
    const page = await coming;
    const last = page.links.at(-1);
    if (!last) return;
    coming = fetch(last.n + 1);
    // Not waited for when the reader stops here.
    coming.catch(() => undefined);
    yield page;
  }
}

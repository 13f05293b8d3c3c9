/** Checks the trail from its first link: every hash, every row, nothing missing, nothing slipped in. */
import type { Db } from '@afar/platform';
import { instantOf } from '../ids.ts';
import { fold, rootOf } from './chain.ts';
import { columns, digestOf, type EventRow } from './row.ts';

export interface AuditFault {
  /** When the bad entry says it happened, ms since epoch. */
  at: number;
  why: 'changed' | 'missing' | 'unchained' | 'broken link' | 'missing link' | 'checkpoint';
  event?: string;
  chain?: string;
  n?: number;
}

export interface AuditReport {
  events: number;
  links: number;
  chains: number;
  /** The earliest fault; absent: the trail is whole. */
  fault?: AuditFault;
}

interface LinkRow {
  chain: string;
  n: number;
  at: number;
  events: string[];
  digests: Buffer;
  hash: Buffer;
}

// Written events are chained within a second; a killed process's within a minute of the next start.
const graceMs = 5 * 60_000;

const page = `select chain, n, at, events, digests, hash from access.audit_link
where (chain, n) > ($1::uuid, $2::bigint) order by chain, n limit 200`;

const fetchEvents = `select ${columns} from access.audit_event
where tenant = any($1) and at = any($2) and id = any($3)`;

// A loose index scan: one probe a clinic, not one row an event.
const listTenants = `with recursive t as (
  select min(tenant) as tenant from access.audit_event
  union all
  select (select min(e.tenant) from access.audit_event e where e.tenant > t.tenant)
  from t where t.tenant is not null
)
select tenant from t where tenant is not null`;

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

// Events of one day that no link of about that day covers; a link made by a later recovery is looked for
// apart, for the few that are left.
const uncovered = `select e.id, e.at from access.audit_event e
left join (
  select unnest(events) as id from access.audit_link where at >= $2::bigint - ${hourMs} and at < $3::bigint + ${dayMs}
) l on l.id = e.id
where e.tenant = $1 and e.at >= $2 and e.at < $3 and l.id is null order by e.at, e.id limit 100`;

const coveredLater = `select from access.audit_link where at >= $1 and $2::uuid = any(events) limit 1`;

export interface Checkpointed {
  chain: string;
  n: number;
  hash: string;
}

const earlier = (a: AuditFault | undefined, b: AuditFault): AuditFault =>
  a && a.at <= b.at ? a : b;

/** Faults inside one link, given the hash before it. */
function checkLink(link: LinkRow, before: Buffer, events: Map<string, EventRow>): AuditFault[] {
  const { chain, n } = link;
  const faults: AuditFault[] = [];
  const digests: Buffer[] = [];
  link.events.forEach((event, at) => {
    const digest = link.digests.subarray(at * 32, at * 32 + 32);
    digests.push(digest);
    const row = events.get(event);
    const where = { at: row?.at ?? instantOf(event), event, chain, n };
    if (!row) faults.push({ ...where, why: 'missing' });
    else if (!digestOf(row).equals(digest)) faults.push({ ...where, why: 'changed' });
  });
  if (!fold(before, digests).equals(link.hash))
    faults.push({ at: link.at, why: 'broken link', chain, n });
  return faults;
}

/** An event that no link covers: inserted by hand, or by a process that has not yet been recovered. */
async function firstUnchained(
  db: Db,
  tenant: number,
  until: number,
): Promise<AuditFault | undefined> {
  const first = await db.query<{ at: number | null }>(
    'select min(at) as at from access.audit_event where tenant = $1',
    [tenant],
  );
  let from = first.rows[0]?.at ?? until;
  while (from < until) {
    const to = Math.min(from + dayMs, until);
    const { rows } = await db.query<{ id: string; at: number }>(uncovered, [tenant, from, to]);
    for (const { id, at } of rows) {
      const later = await db.query(coveredLater, [at - hourMs, id]);
      if (later.rowCount === 0) return { at, event: id, why: 'unchained' };
    }
    // A full answer may have more behind it: go on after the last one looked at.
    from = rows.length === 100 ? rows.at(-1)!.at + 1 : to;
  }
  return undefined;
}

/**
 * Reads the whole trail. Memory is bounded by one page of links.
 * @param checkpoints heads recorded outside the database: each must still be there, unchanged
 */
export async function verifyAudit(
  db: Db,
  opts: { now: number; checkpoints?: Checkpointed[] },
): Promise<AuditReport> {
  const report: AuditReport = { events: 0, links: 0, chains: 0 };
  const found = await db.query<{ tenant: number }>(listTenants);
  const tenants = found.rows.map((row) => row.tenant);
  const wanted = new Map((opts.checkpoints ?? []).map((one) => [`${one.chain} ${one.n}`, one]));
  let chain = '00000000-0000-0000-0000-000000000000';
  let n = -1;
  let hash: Buffer = Buffer.alloc(0);
  for (;;) {
    const { rows } = await db.query<LinkRow>(page, [chain, n]);
    if (rows.length === 0) break;
    const ids = rows.flatMap((row) => row.events);
    const fetched = await db.query<EventRow>(fetchEvents, [
      tenants,
      [...new Set(ids.map(instantOf))],
      ids,
    ]);
    const events = new Map(fetched.rows.map((row) => [row.id, row]));
    for (const link of rows) {
      if (link.chain !== chain) {
        report.chains++;
        chain = link.chain;
        n = -1;
        hash = rootOf(chain);
      }
      const faults =
        link.n === n + 1
          ? checkLink(link, hash, events)
          : [{ at: link.at, why: 'missing link' as const, chain, n: n + 1 }];
      for (const fault of faults) report.fault = earlier(report.fault, fault);
      report.links++;
      report.events += link.events.length;
      n = link.n;
      hash = link.hash;
      // A checkpoint after n links holds the hash of link n - 1.
      const key = `${chain} ${n + 1}`;
      if (wanted.get(key)?.hash === hash.toString('hex')) wanted.delete(key);
    }
  }
  for (const tenant of tenants) {
    const loose = await firstUnchained(db, tenant, opts.now - graceMs);
    if (loose) report.fault = earlier(report.fault, loose);
  }
  for (const one of wanted.values())
    if (one.n > 0)
      report.fault ??= { at: opts.now, why: 'checkpoint', chain: one.chain, n: one.n - 1 };
  return report;
}

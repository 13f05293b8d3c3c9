/** Checks the trail: every hash, every row, nothing missing, nothing slipped in, and no resource older than its last change. */
import type { Db } from '@afar/platform';
import { instantOf } from '../../ids.ts';
import { fold, rootOf } from '../chain.ts';
import type { Checkpointed } from '../checkpoint.ts';
import { digestOf, type EventRow } from '../row.ts';
import { faultList, mostFaults, type AuditFault, type AuditReport } from './faults.ts';
import { chainsOf, pagesOf, tenantsOf, type LinkRow, type Page, type Position } from './links.ts';
import { unchained } from './unchained.ts';

/** A change as the trail has it, to be compared with what the record store holds. */
export interface WrittenBody {
  tenant: number;
  at: number;
  type: string;
  rid: string;
  /** sha256 of the sealed body. */
  hash: Buffer;
}

/**
 * The record store's part. `kept`: the version is the current one, or was replaced by a later one. `resealed`: its key was changed
 * for a new one since, so that the bytes are others. `gone`: neither.
 */
export type BodyCheck = (
  written: readonly WrittenBody[],
) => Promise<readonly ('kept' | 'resealed' | 'gone')[]>;

export interface Progress {
  events: number;
  links: number;
  /** Where each chain goes on; given back as `from`, a broken-off look goes on. */
  positions: ReadonlyMap<string, Position>;
}

export interface VerifyOptions {
  now: number;
  /** Heads recorded outside the database: each must still be there, unchanged. */
  checkpoints?: readonly Checkpointed[];
  /** Chains already looked at up to there. */
  from?: ReadonlyMap<string, Position>;
  /** Events before it are not asked whether they are chained, ms. */
  since?: number;
  bodies?: BodyCheck;
  /** Months (YYYYMM) that lie in sealed files. */
  dropped?: ReadonlySet<number>;
  onFault?: (fault: AuditFault) => void;
  onProgress?: (progress: Progress) => void;
}

// Written events are chained within a second; a killed process's within a minute of the next start.
const graceMs = 5 * 60_000;

/** The month of an instant as YYYYMM, UTC. */
export const monthOf = (at: number): number => {
  const date = new Date(at);
  return date.getUTCFullYear() * 100 + date.getUTCMonth() + 1;
};

type Faults = ReturnType<typeof faultList>;

/** Reads the whole trail, or what came after `from`. Memory is bounded by two pages. */
export async function verifyAudit(db: Db, opts: VerifyOptions): Promise<AuditReport> {
  const {
    now,
    checkpoints = [],
    from = new Map<string, Position>(),
    bodies,
    dropped,
    onProgress,
  } = opts;
  const faults = faultList(opts.onFault);
  const report: AuditReport = { events: 0, links: 0, chains: 0 };
  let gone = 0;
  let resealed = 0;
  const tenants = await tenantsOf(db);
  const wanted = new Map(checkpoints.map((one) => [`${one.chain} ${one.n}`, one]));
  const positions = new Map<string, Position>(from);
  const told = (link: LinkRow): void => {
    // A checkpoint after n links holds the hash of link n - 1.
    const key = `${link.chain} ${link.n + 1}`;
    if (wanted.get(key)?.hash === link.hash.toString('hex')) wanted.delete(key);
  };

  for (const chain of await chainsOf(db)) {
    report.chains++;
    const start = from.get(chain) ?? { n: 0, hash: rootOf(chain) };
    // The last link of what was looked at before must still be what it was.
    if (start.n > 0) {
      const before = await db.query<LinkRow>(
        'select chain, n, hash from access.audit_link where chain = $1 and n = $2',
        [chain, start.n - 1],
      );
      const link = before.rows[0];
      if (!link || !link.hash.equals(start.hash))
        faults.add({ at: now, why: link ? 'broken link' : 'missing link', chain, n: start.n - 1 });
      else told(link);
    }
    let { n, hash } = start;
    const walk: Walk = { faults, expected: [hash], flagged: new Set() };
    for await (const page of pagesOf(db, tenants, chain, n)) {
      for (const link of page.links) {
        for (let lost = n; lost < Math.min(link.n, n + mostFaults); lost++)
          faults.add({ at: link.at, why: 'missing link', chain, n: lost });
        gone += checkEvents(link, page, dropped, faults);
        // What it stands on is gone: it can only be believed.
        if (link.n > n) walk.expected = [link.hash];
        else checkFold(link, page, walk);
        told(link);
        report.links++;
        report.events += link.events.length;
        n = link.n + 1;
        hash = link.hash;
      }
      resealed += await checkBodies(page, bodies, faults);
      positions.set(chain, { n, hash });
      onProgress?.({ events: report.events, links: report.links, positions });
    }
  }
  await findMoved(db, tenants, faults);
  for (const tenant of tenants)
    for await (const fault of unchained(db, tenant, opts.since ?? 0, now - graceMs)) {
      faults.add(fault);
      if (faults.all().length >= mostFaults) break;
    }
  for (const one of wanted.values()) {
    const start = from.get(one.chain);
    // Those before a later one that was found stand under it.
    if (one.n > 0 && !(start && one.n < start.n))
      faults.add({ at: one.at, why: 'checkpoint', chain: one.chain, n: one.n - 1 });
  }
  if (gone > 0) report.dropped = gone;
  if (resealed > 0) report.resealed = resealed;
  return faults.into(report);
}

/** @returns how many are in dropped months */
function checkEvents(
  link: LinkRow,
  { events }: Page,
  dropped: ReadonlySet<number> | undefined,
  faults: Faults,
): number {
  const { chain, n } = link;
  let gone = 0;
  link.events.forEach((event, at) => {
    const row = events.get(event);
    const when = instantOf(event);
    if (row) {
      if (!digestOf(row).equals(link.digests.subarray(at * 32, at * 32 + 32)))
        faults.add({ at: when, why: 'changed', event, chain, n });
    } else if (dropped?.has(monthOf(when))) gone++;
    else faults.add({ at: when, why: 'missing', event, chain, n });
  });
  return gone;
}

interface Walk {
  faults: Faults;
  /** What the next link may stand on: the hash that is stored before it, or the one that should be. */
  expected: Buffer[];
  /** Hashes of links that were named already: what stands on them is not named for that. */
  flagged: Set<string>;
}

function checkFold(link: LinkRow, { links }: Page, walk: Walk): void {
  const digests = Array.from({ length: link.events.length }, (_, at) =>
    link.digests.subarray(at * 32, at * 32 + 32),
  );
  const stands = (on: Buffer): boolean => fold(on, digests).equals(link.hash);
  if (walk.expected.some(stands)) {
    walk.expected = [link.hash];
    return;
  }
  const should = fold(walk.expected.at(-1)!, digests);
  const { chain, n, at } = link;
  if (![...walk.flagged].some((hex) => stands(Buffer.from(hex, 'hex')))) {
    // On another link's hash of the same page: the two were given each other's numbers.
    const elsewhere = links.some((one) => one !== link && stands(one.hash));
    walk.faults.add({ at, why: elsewhere ? 'reordered' : 'broken link', chain, n });
    walk.flagged.add(link.hash.toString('hex'));
  }
  walk.expected = [link.hash, should];
}

async function checkBodies(
  { events }: Page,
  bodies: BodyCheck | undefined,
  faults: Faults,
): Promise<number> {
  if (!bodies) return 0;
  const rows = [...events.values()].filter(isWrite);
  if (rows.length === 0) return 0;
  const held = await bodies(
    rows.map(({ tenant, at, type, rid, body_hash: hash }) => ({ tenant, at, type, rid, hash })),
  );
  let resealed = 0;
  rows.forEach(({ at, id, type, rid }, index) => {
    if (held[index] === 'resealed') resealed++;
    else if (held[index] === 'gone')
      faults.add({ at, why: 'rolled back', event: id, resource: `${type}/${rid}` });
  });
  return resealed;
}

const isWrite = (
  row: EventRow,
): row is EventRow & { type: string; rid: string; body_hash: Buffer } =>
  row.body_hash !== null && row.type !== null && row.rid !== null;

/** What is missing where its id says may lie elsewhere, with another instant. */
async function findMoved(db: Db, tenants: readonly number[], faults: Faults): Promise<void> {
  const missing = faults.all().flatMap((one) => (one.why === 'missing' ? [one.event!] : []));
  if (missing.length === 0) return;
  const { rows } = await db.query<{ id: string }>(
    'select id from access.audit_event where tenant = any($1::int[]) and id = any($2::uuid[])',
    [tenants, missing],
  );
  const moved = new Set(rows.map((row) => row.id));
  faults.replace((one) =>
    one.why === 'missing' && moved.has(one.event!) ? { ...one, why: 'moved' } : one,
  );
}

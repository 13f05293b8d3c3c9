/** Chains the events of write transactions after their commit, and those that a dead process left unchained. */
import { everyTenant, type Db, type Log } from '@afar/platform';
import type { Chain } from './chain.ts';
import { columns, type EventRow } from './row.ts';

type DeferredRow = EventRow & { xid: string; seq: number };

// Twice a second: a write is chained within a second of its commit.
const everyMs = 500;
/** A boot silent for this long is taken for dead; covering a living one's events twice does no harm. */
const deadMs = 60_000;
const dayMs = 86_400_000;

/**
 * Below the oldest running transaction nothing can appear any more: (xid, seq) is read once, in order.
 * `pg_snapshot_xmin` would do, but a server's other databases hold it back: only transactions of this
 * database write events, the application's and the house's, whose activity the house may look at. The statement's snapshot is older than its look at the activity, so
 * whatever is below `xmax` and not in the list has ended before the next statement looks.
 */
const horizon = `with s as (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as xmax),
running as (
  select (s.xmax >> 32 << 32) + backend_xid::text::bigint as xid
  from pg_stat_activity cross join s
  where datname = current_database() and usename in (current_user, 'afar_app', 'afar_house') and backend_xid is not null
)
select least(s.xmax, (
  -- 32-bit ids of the epoch before the snapshot's.
  select min(case when r.xid > s.xmax + 2147483648 then r.xid - 4294967296 else r.xid end)
  from running r
))::text as xid from s`;

// `e.xid`, not the text that is given out under the same name: that sorts 10 before 9, passes over events for ever, and has no
// index, so that a program that was behind read all that waited for each five hundred. `at + 0`: as a plain range it was thought
// to leave a few rows, fit for any index and a sort. With 250,000 events waiting 550 ms for the first five hundred, now 0.6.
const next = `select ${columns}, e.xid::text, e.seq from access.audit_event e
where boot = $1 and xid is not null and (xid, seq) > ($2::xid8, $3)
  and xid < $5::xid8 and at + 0 <= $4
order by e.xid, e.seq limit 500`;

const position = `select upto_xid::text as xid, upto_seq as seq from access.audit_link
where boot = $1 order by upto_xid desc, upto_seq desc limit 1`;

const otherBoots = `select b.boot, max(b.at) as last from access.audit_boot b
where b.boot <> $1 and not exists (select from access.audit_boot_end e where e.boot = b.boot)
group by b.boot order by min(b.at) limit 100`;

export interface Linker {
  start(): Promise<void>;
  /** Links what is there now; for tests and the end of a process. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

export function createLinker(deps: {
  db: Db;
  auditDb: Db;
  chain: Chain;
  clock: { now(): number };
  boot: string;
  log: Log;
}): Linker {
  const { db, auditDb, chain, clock, boot, log } = deps;
  let mine = { xid: '0', seq: 0 };
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let recovered = 0;
  let alive = 0;
  let stopped = false;

  async function cover(
    of: string,
    from: { xid: string; seq: number },
    until: number,
  ): Promise<{ xid: string; seq: number }> {
    let at = from;
    const settled = (await db.query<{ xid: string }>(horizon)).rows[0]!.xid;
    for (;;) {
      const { rows } = await db.query<DeferredRow>({
        name: 'access.audit-deferred',
        text: next,
        values: [of, at.xid, at.seq, until, settled],
      });
      if (rows.length === 0) return at;
      const { xid, seq } = rows.at(-1)!;
      await chain.cover(rows, { boot: of, xid, seq });
      at = { xid, seq };
      if (rows.length < 500) return at;
    }
  }

  /** Boots that ended without linking everything: a killed process. */
  async function recover(): Promise<void> {
    const now = clock.now();
    const { rows } = await db.query<{ boot: string; last: number }>(otherBoots, [boot]);
    for (const other of rows) {
      const seen = await db.query<{ xid: string; seq: number }>(position, [other.boot]);
      const from = seen.rows[0] ?? { xid: '0', seq: 0 };
      const to = await cover(other.boot, from, now - deadMs);
      if (to !== from)
        log.info({ boot: other.boot }, 'audit events of an ended process were chained');
      // Two days without a sign of life: no transaction of it can still be open.
      else if (other.last < now - 2 * dayMs) await endBoot(other.boot);
    }
  }

  const endBoot = (which: string): Promise<unknown> =>
    auditDb.query(
      'insert into access.audit_boot_end (boot, at) values ($1, $2) on conflict do nothing',
      [which, clock.now()],
    );

  const signOfLife = async (): Promise<void> => {
    await auditDb.query(
      'insert into access.audit_boot (boot, at) values ($1, $2) on conflict do nothing',
      [boot, clock.now()],
    );
    alive = clock.now();
  };

  async function pass(): Promise<void> {
    const now = clock.now();
    if (Math.abs(now - alive) >= dayMs / 2) await signOfLife();
    mine = await cover(boot, mine, now + dayMs);
    if (Math.abs(now - recovered) >= deadMs) {
      recovered = now;
      await recover();
    }
  }

  function flush(): Promise<void> {
    // A request may ask for it; the chain is one for all tenants.
    running ??= everyTenant(pass).finally(() => {
      running = undefined;
    });
    return running;
  }

  function schedule(): void {
    if (stopped) return;
    timer = setTimeout(() => {
      flush().then(schedule, (error: unknown) => {
        log.warn({ err: error }, 'audit events could not be chained yet');
        schedule();
      });
    }, everyMs);
    timer.unref();
  }

  return {
    async flush() {
      // A pass under way may have looked before the caller's commit.
      await running?.catch(() => undefined);
      await flush();
    },
    async start() {
      await signOfLife();
      schedule();
    },
    async stop() {
      stopped = true;
      clearTimeout(timer);
      try {
        await running;
        await flush();
        const { rows } = await db.query(
          `select from access.audit_event where boot = $1 and xid is not null and (xid, seq) > ($2::xid8, $3) limit 1`,
          [boot, mine.xid, mine.seq],
        );
        if (rows.length === 0) await endBoot(boot);
      } catch (error) {
        log.warn({ err: error }, 'the audit chain was left to the next start');
      }
    },
  };
}

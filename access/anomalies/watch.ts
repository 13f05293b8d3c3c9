/** Behind the trail: what was appended is counted for the rules and noted by patient and day, once a second, off every request's way. */
import type { Db, KeyRing, Log } from '@afar/platform';
import type { Origins } from '../audit/origin.ts';
import type { EventRow } from '../audit/row.ts';
import { keepDays, noteDays, type PatientDays } from '../audit/patient-days.ts';
import type { Anomalies } from './anomalies.ts';
import { catchUp, dropMark, keepMark } from './catch-up.ts';
import { hashedItem, signalsOf, type Rule, type RuleName } from './rules.ts';
import { countSignals, keepSignals, sweepSignals, type KeptSignal } from './store.ts';

// 1 s: an alert is due within ten, and what gathers meanwhile is one statement.
const everyMs = 1_000;
/** Signals and days of one statement. */
const atOnce = 5_000;
/** Beyond this many events that could not be written, the oldest are left to the next start. */
const mostWaiting = 500_000;
/** A clinic's thresholds are looked at again after this, ms. */
const rulesForMs = 10_000;
const markMs = 30_000;
const sweepMs = 3_600_000;
/**
 * A thing that was counted this lately, ms, is not written again: a clinician who goes through her panel would have all of it
 * written each second. It leaves a window at most this much early; the shortest that comes with the program is ten minutes.
 */
const sameMs = 5_000;
const mostRecent = 100_000;

export interface Watch {
  /** Takes note; costs the way of a request nothing but the taking. */
  hear(rows: readonly EventRow[]): void;
  /** Counts what was heard so far. */
  flush(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

interface Gathered {
  signals: Map<string, KeptSignal>;
  days: PatientDays;
}

export function createWatch(deps: {
  db: Db;
  keys: KeyRing;
  origins: Origins;
  anomalies: Anomalies;
  clock: { now(): number };
  log: Log;
  boot: string;
}): Watch {
  const { db, keys, origins, anomalies, clock, log, boot } = deps;
  let waiting: (readonly EventRow[])[] = [];
  let count = 0;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let stopped = false;
  let caughtUp = false;
  let swept = clock.now();
  let marked = 0;
  const recent = new Map<string, number>();
  /** When what was counted lately was last written, ms since epoch. */
  const counted = new Map<string, number>();
  const known = new Map<number, { rules: Record<RuleName, Rule>; until: number }>();

  async function rulesFor(tenant: number): Promise<Record<RuleName, Rule>> {
    const found = known.get(tenant);
    if (found && found.until > clock.now()) return found.rules;
    const rules = await anomalies.rules(tenant);
    known.set(tenant, { rules, until: clock.now() + rulesForMs });
    return rules;
  }

  async function gather(batches: readonly (readonly EventRow[])[]): Promise<Map<number, Gathered>> {
    const found = new Map<number, Gathered>();
    const secrets = new Map<number, string>();
    for (const row of batches.flat()) {
      let mine = found.get(row.tenant);
      if (!mine) found.set(row.tenant, (mine = { signals: new Map(), days: new Map() }));
      let secret = secrets.get(row.tenant);
      if (secret === undefined) {
        const { index } = await keys.tenant(row.tenant);
        secret = hashedItem('network', index.export().toString('hex'));
        secrets.set(row.tenant, secret);
      }
      for (const signal of signalsOf(row, origins.known(row.origin), secret)) {
        const name = `${row.tenant} ${row.who} ${signal.rule} ${signal.item}`;
        const written = counted.get(name);
        if (written !== undefined && Math.abs(row.at - written) < sameMs) continue;
        const before = mine.signals.get(name);
        if (!before || before.at < row.at)
          mine.signals.set(name, { ...signal, who: row.who, role: row.role, at: row.at });
      }
      noteDays(mine.days, row);
    }
    return found;
  }

  /** Rules whose number was reached by what has just come in. */
  async function judge(tenant: number, signals: readonly KeptSignal[]): Promise<void> {
    const rules = await rulesFor(tenant);
    const asked = new Map<string, { who: string; role: string; rule: RuleName; last: number }>();
    for (const { who, role, rule, at } of signals) {
      const name = `${who} ${rule}`;
      const before = asked.get(name);
      if (!before || before.last < at) asked.set(name, { who, role, rule, last: at });
    }
    const open = [...asked.values()].filter((one) => rules[one.rule].enabled);
    if (open.length === 0) return;
    const found = await countSignals(
      db,
      tenant,
      open.map(({ who, rule, last }) => ({ who, rule, since: last - rules[rule].windowMs })),
    );
    for (const { who, rule, count: seen } of found)
      if (seen >= rules[rule].threshold)
        await anomalies.raise({
          tenant,
          rule,
          who,
          role: asked.get(`${who} ${rule}`)!.role,
          count: seen,
        });
  }

  async function take(batches: readonly (readonly EventRow[])[]): Promise<void> {
    for (const [tenant, { signals, days }] of await gather(batches)) {
      const all = [...signals.values()];
      for (let at = 0; at < all.length; at += atOnce)
        await keepSignals(db, tenant, all.slice(at, at + atOnce));
      await keepDays(db, tenant, days, recent);
      await judge(tenant, all);
      // Behind the judging: what failed is said again.
      if (counted.size > mostRecent) counted.clear();
      for (const [name, { at }] of signals) counted.set(name, at);
    }
  }

  async function pass(): Promise<void> {
    const now = clock.now();
    if (!caughtUp) {
      for await (const late of catchUp(db, boot, now)) await take([late]);
      caughtUp = true;
    }
    const taken = waiting;
    const many = count;
    waiting = [];
    count = 0;
    try {
      if (taken.length > 0) await take(taken);
    } catch (error) {
      // Kept for the next try: saying the same twice does no harm.
      waiting = [...taken, ...waiting];
      count += many;
      throw error;
    }
    if (Math.abs(now - marked) >= markMs) {
      await keepMark(db, boot, now);
      marked = now;
    }
    if (Math.abs(now - swept) >= sweepMs) {
      await sweepSignals(db, now);
      swept = now;
    }
  }

  function flush(): Promise<void> {
    running ??= pass().finally(() => {
      running = undefined;
    });
    return running;
  }

  function schedule(): void {
    if (stopped) return;
    timer = setTimeout(() => {
      flush().then(schedule, (error: unknown) => {
        log.warn({ err: error }, 'what stands out could not be counted yet');
        schedule();
      });
    }, everyMs);
    timer.unref();
  }

  function hear(rows: readonly EventRow[]): void {
    if (rows.length === 0) return;
    waiting.push(rows);
    count += rows.length;
    while (count > mostWaiting) count -= waiting.shift()!.length;
  }

  return {
    hear,
    async flush() {
      await running?.catch(() => undefined);
      await flush();
    },
    start: schedule,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running?.catch(() => undefined);
      try {
        await flush();
        await dropMark(db, boot);
      } catch (error) {
        log.warn({ err: error }, 'what stands out was left to the next start');
      }
    },
  };
}

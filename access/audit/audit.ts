/** The trail: what rooms append to, durable before their answer leaves. */
import { randomUUID } from 'node:crypto';
import { batcher, type Db, type KeyRing, type Log } from '@afar/platform';
import { createChain, type Chain } from './chain.ts';
import type { Audit } from './entry.ts';
import { createLinker, type Linker } from './linker.ts';
import { origins, type Origins } from './origin.ts';
import { insertManyOf, insertOf, rowOf, type EventRow } from './row.ts';

export interface RunningAudit {
  audit: Audit;
  origins: Origins;
  chain: Chain;
  linker: Linker;
  boot: string;
  /** One listener hears what has become durable and is chained. */
  onLinked(fn: (rows: readonly EventRow[]) => void): void;
}

/** Puts the trail together; `linker.start()` begins it. */
export function createAudit(deps: {
  db: Db;
  auditDb: Db;
  keys: KeyRing;
  clock: { now(): number };
  log: Log;
}): RunningAudit {
  const boot = randomUUID();
  let hear: ((rows: readonly EventRow[]) => void) | undefined;
  const chain = createChain({ ...deps, boot, onLinked: (rows) => hear?.(rows) });
  const linker = createLinker({ ...deps, chain, boot });
  const places = origins(deps.keys, deps.clock);
  // Group commit: while one batch is being synced to disk the next one gathers.
  const add = batcher(
    async (rows: EventRow[]) => {
      await chain.append(rows);
      return rows.map(() => undefined);
    },
    { lanes: 1, size: 512, together: true },
  );
  const audit: Audit = {
    async append(entry) {
      await add(rowOf(entry, await places.seal(entry.tenant, entry)));
    },
    async insertSql(entry, first = 1) {
      return insertOf(rowOf(entry, await places.seal(entry.tenant, entry)), boot, first);
    },
    async insertManySql(entries, first = 1) {
      const rows = await Promise.all(
        entries.map(async (entry) => rowOf(entry, await places.seal(entry.tenant, entry))),
      );
      return insertManyOf(rows, boot, first);
    },
    async within(tx, entry) {
      const { text, values } = await audit.insertSql(entry);
      await tx.query({ name: 'access.audit-within', text, values });
    },
  };
  return {
    audit,
    origins: places,
    chain,
    linker,
    boot,
    onLinked: (fn) => {
      hear = fn;
    },
  };
}

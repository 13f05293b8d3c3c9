/** The keystore: one SQLite file of wrapped keys, apart from the clinical database. */
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { IndexPhase } from './data-key.ts';
import { KeyUnavailable } from './errors.ts';
import { migrateKeystore } from './keystore-schema.ts';

/** The wrapping key of a clinic in one epoch, itself wrapped by the provider. */
export interface WrappingRow {
  epoch: number;
  provider: string;
  wrapped: Uint8Array;
}

/** pending: known to all, sealed with by none yet; current; old: opens what it sealed until that is sealed anew. */
export type KeyState = 'pending' | 'current' | 'old';

/** One wrapped data key. */
export interface KeyRow {
  kid: string;
  /** Null: the first key of its family. */
  family: string | null;
  state: KeyState;
  kind: 'tenant' | 'owner';
  epoch: number;
  version: number;
  indexVersion: number;
  wrapped: Uint8Array;
  /** ms since epoch. */
  made: number;
}

/** One wrapped index key. A family without any derives its only one from its first secret. */
export interface IndexRow {
  family: string;
  version: number;
  epoch: number;
  wrapped: Uint8Array;
}

const KEY_COLUMNS =
  'kid, family, state, kind, epoch, version, index_version as indexVersion, wrapped, made';
const INDEX_COLUMNS = 'family, version, epoch, wrapped';
/** News are read every second; who slept for longer than this forgets everything. */
const NEWS_KEPT_MS = 24 * 3_600_000;

/** Opens (and makes, mode 0600) `dir/keystore.sqlite`. Every commit is on the disk when it returns. */
export function openKeystore(dir: string) {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, 'keystore.sqlite');
  // Made before SQLite sees it, so that it never exists with a wider mode; -wal and -shm inherit it.
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
  // 5 s: a commit takes milliseconds, a re-wrap of a large clinic seconds.
  const db = new DatabaseSync(path, { timeout: 5_000 });
  // synchronous=FULL syncs the log at every commit; secure_delete writes zeros over what is deleted.
  db.exec(`pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on;`);

  function transaction<T>(work: () => T): T {
    try {
      db.exec('begin immediate');
    } catch (cause) {
      throw new KeyUnavailable('the keystore is busy or cannot be written', { cause });
    }
    try {
      const result = work();
      db.exec('commit');
      return result;
    } catch (error) {
      db.exec('rollback');
      throw error;
    }
  }
  transaction(() => migrateKeystore(db));

  const sql = {
    tenants: db.prepare('select distinct tenant from wrapping order by tenant'),
    wrapping: db.prepare(
      'select epoch, provider, wrapped from wrapping where tenant = ? order by epoch desc limit 1',
    ),
    addWrapping: db.prepare(
      'insert into wrapping (tenant, epoch, provider, wrapped, made) values (?, ?, ?, ?, ?) on conflict do nothing',
    ),
    moveWrapping: db.prepare(
      'update wrapping set provider = ?, wrapped = ? where tenant = ? and epoch = ?',
    ),
    dropWrapping: db.prepare('delete from wrapping where tenant = ? and epoch < ?'),
    tenantKeys: db.prepare(
      `select ${KEY_COLUMNS} from data_key where tenant = ? and kind = 'tenant' order by made`,
    ),
    tenantKid: db.prepare(
      `select kid from data_key where tenant = ? and kind = 'tenant' and state = 'current'`,
    ),
    key: db.prepare(`select ${KEY_COLUMNS} from data_key where kid = ? and tenant = ?`),
    head: db.prepare(
      `select kid from data_key where family = ? and tenant = ? and state = 'current'`,
    ),
    // A first key of a family names no family: it is its own.
    family: db.prepare(
      `select ${KEY_COLUMNS} from data_key where tenant = ?1 and (kid = ?2 or family = ?2)`,
    ),
    keysBefore: db.prepare(`select ${KEY_COLUMNS} from data_key where tenant = ? and epoch < ?`),
    firstKeys: db.prepare(
      `select ${KEY_COLUMNS} from data_key where tenant = ? and family is null and kid > ? order by kid limit ?`,
    ),
    oldKeys: db.prepare(`select ${KEY_COLUMNS} from data_key where tenant = ? and state = 'old'`),
    addKey: db.prepare(
      `insert into data_key (kid, tenant, kind, version, index_version, epoch, wrapped, made, family, state)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
    ),
    setState: db.prepare('update data_key set state = ? where kid = ? and tenant = ?'),
    rewrap: db.prepare('update data_key set epoch = ?, wrapped = ? where kid = ?'),
    destroy: db.prepare('delete from data_key where kid = ? and tenant = ?'),
    counts: db.prepare(
      `select kind, state, epoch, index_version as indexVersion, count(*) as n, min(made) as since
       from data_key where tenant = ? group by 1, 2, 3, 4 order by 1, 2, 3, 4`,
    ),
    anyIndex: db.prepare('select 1 as found from index_key limit 1'),
    indexes: db.prepare(
      `select ${INDEX_COLUMNS} from index_key where tenant = ? and family = ? order by version`,
    ),
    indexesBefore: db.prepare(
      `select ${INDEX_COLUMNS} from index_key where tenant = ? and epoch < ?`,
    ),
    addIndex: db.prepare(
      `insert into index_key (tenant, family, version, epoch, wrapped, made) values (?, ?, ?, ?, ?, ?)
       on conflict do nothing`,
    ),
    rewrapIndex: db.prepare(
      'update index_key set epoch = ?, wrapped = ? where tenant = ? and family = ? and version = ?',
    ),
    dropIndexes: db.prepare(
      `delete from index_key where tenant = ? and version > ? and version < ?
       and (?4 or family not in (select coalesce(family, kid) from data_key where tenant = ?1 and kind = 'tenant'))`,
    ),
    dropFamilyIndexes: db.prepare('delete from index_key where tenant = ? and family = ?'),
    familiesWithIndex: db.prepare('select distinct family from index_key where tenant = ?'),
    indexCounts: db.prepare(
      'select version, count(*) as n from index_key where tenant = ? group by 1 order by 1',
    ),
    phase: db.prepare('select target, phase, at from index_phase where tenant = ?'),
    setPhase: db.prepare(
      `insert into index_phase (tenant, target, phase, at) values (?, ?, ?, ?)
       on conflict (tenant) do update set target = excluded.target, phase = excluded.phase, at = excluded.at`,
    ),
    note: db.prepare(
      'insert into erased (kid, tenant, epoch, at) values (?, ?, ?, ?) on conflict do nothing',
    ),
    erased: db.prepare('select 1 as found from erased where kid = ? and tenant = ?'),
    erasedCount: db.prepare('select count(*) as n, max(at) as last from erased where tenant = ?'),
    tell: db.prepare('insert into news (tenant, kid, at) values (?, ?, ?)'),
    forgetNews: db.prepare('delete from news where at < ?'),
    news: db.prepare('select seq, tenant, kid from news where seq > ? order by seq'),
    firstNews: db.prepare('select coalesce(min(seq), 0) as seq from news'),
    lastNews: db.prepare('select coalesce(max(seq), 0) as seq from news'),
    fact: db.prepare('select value from fact where name = ?'),
    setFact: db.prepare(
      'insert into fact (name, value) values (?, ?) on conflict (name) do update set value = excluded.value',
    ),
    changed: db.prepare('pragma data_version'),
    checkpoint: db.prepare('pragma wal_checkpoint(truncate)'),
  };
  const rows = <T>(found: unknown): T[] => found as T[];

  return {
    path,
    db,
    transaction,
    tenants: () => rows<{ tenant: number }>(sql.tenants.all()).map((row) => row.tenant),
    wrapping: (tenant: number) => sql.wrapping.get(tenant) as unknown as WrappingRow | undefined,
    addWrapping: (tenant: number, row: WrappingRow, at: number) =>
      sql.addWrapping.run(tenant, row.epoch, row.provider, row.wrapped, at).changes === 1,
    /** The same wrapping key, wrapped by another provider or another version of its key. */
    moveWrapping: (tenant: number, { epoch, provider, wrapped }: WrappingRow) =>
      sql.moveWrapping.run(provider, wrapped, tenant, epoch),
    dropWrapping: (tenant: number, before: number) => sql.dropWrapping.run(tenant, before),
    tenantKeys: (tenant: number) => rows<KeyRow>(sql.tenantKeys.all(tenant)),
    tenantKid: (tenant: number) => (sql.tenantKid.get(tenant) as { kid: string } | undefined)?.kid,
    key: (tenant: number, kid: string) => sql.key.get(kid, tenant) as unknown as KeyRow | undefined,
    /** The kid of the key a family seals with, if it is not its first. */
    head: (tenant: number, family: string) =>
      (sql.head.get(family, tenant) as { kid: string } | undefined)?.kid,
    family: (tenant: number, family: string) => rows<KeyRow>(sql.family.all(tenant, family)),
    keysBefore: (tenant: number, epoch: number) => rows<KeyRow>(sql.keysBefore.all(tenant, epoch)),
    /** First keys of families in order of kid. */
    firstKeys: (tenant: number, after: string, limit: number) =>
      rows<KeyRow>(sql.firstKeys.all(tenant, after, limit)),
    oldKeys: (tenant: number) => rows<KeyRow>(sql.oldKeys.all(tenant)),
    addKey: (tenant: number, row: KeyRow) =>
      sql.addKey.run(
        row.kid,
        tenant,
        row.kind,
        row.version,
        row.indexVersion,
        row.epoch,
        row.wrapped,
        row.made,
        row.family,
        row.state,
      ).changes === 1,
    setState: (tenant: number, kid: string, state: KeyState) =>
      sql.setState.run(state, kid, tenant),
    rewrap: (kid: string, epoch: number, wrapped: Uint8Array) =>
      sql.rewrap.run(epoch, wrapped, kid),
    counts: (tenant: number) =>
      rows<{
        kind: 'tenant' | 'owner';
        state: KeyState;
        epoch: number;
        indexVersion: number;
        n: number;
        since: number;
      }>(sql.counts.all(tenant)),
    /** Empty for a family that never changed its index; one cheap look while no family ever did. */
    indexes: (tenant: number, family: string) =>
      sql.anyIndex.get() === undefined ? [] : rows<IndexRow>(sql.indexes.all(tenant, family)),
    indexesBefore: (tenant: number, epoch: number) =>
      rows<IndexRow>(sql.indexesBefore.all(tenant, epoch)),
    addIndex: (tenant: number, row: IndexRow, at: number) =>
      sql.addIndex.run(tenant, row.family, row.version, row.epoch, row.wrapped, at),
    rewrapIndex: (tenant: number, row: IndexRow) =>
      sql.rewrapIndex.run(row.epoch, row.wrapped, tenant, row.family, row.version),
    /** Versions between the two (neither of them); those of the clinic's own key only if `own`. */
    dropIndexes: (tenant: number, above: number, below: number, own: boolean) =>
      Number(sql.dropIndexes.run(tenant, above, below, own ? 1 : 0).changes),
    familiesWithIndex: (tenant: number) =>
      rows<{ family: string }>(sql.familiesWithIndex.all(tenant)).map((row) => row.family),
    indexCounts: (tenant: number) =>
      rows<{ version: number; n: number }>(sql.indexCounts.all(tenant)),
    phase: (tenant: number) =>
      sql.phase.get(tenant) as unknown as (IndexPhase & { at: number }) | undefined,
    setPhase: (tenant: number, { target, phase }: IndexPhase, at: number) =>
      sql.setPhase.run(tenant, target, phase, at),
    destroy: (tenant: number, kid: string) => sql.destroy.run(kid, tenant),
    /** Deletes a family's key and index keys, leaving its tombstone with the epoch whose backups still hold it. */
    erase(tenant: number, kid: string, epoch: number, at: number) {
      sql.destroy.run(kid, tenant);
      sql.dropFamilyIndexes.run(tenant, kid);
      sql.note.run(kid, tenant, epoch, at);
    },
    isErased: (tenant: number, kid: string) => sql.erased.get(kid, tenant) !== undefined,
    erasedCount: (tenant: number) =>
      sql.erasedCount.get(tenant) as { n: number; last: number | null },
    /** What other processes have to forget: one key, or (null) everything of the clinic. */
    tell(tenant: number, kid: string | null, at: number) {
      sql.tell.run(tenant, kid, at);
      sql.forgetNews.run(at - NEWS_KEPT_MS);
    },
    news: (after: number) =>
      rows<{ seq: number; tenant: number; kid: string | null }>(sql.news.all(after)),
    firstNews: () => (sql.firstNews.get() as { seq: number }).seq,
    lastNews: () => (sql.lastNews.get() as { seq: number }).seq,
    fact: (name: string) => (sql.fact.get(name) as { value: string } | undefined)?.value,
    setFact: (name: string, value: string) => sql.setFact.run(name, value),
    /** Changes when another connection has committed: a cheap look, no disk read. */
    changed: () => (sql.changed.get() as { data_version: number }).data_version,
    /**
     * Moves the log into the file and empties it, so that no deleted key lingers in it. A reader in
     * another process can hold it up for a moment: tried for 5 s. Throws KeyUnavailable after that.
     */
    async emptyLog() {
      for (let attempt = 0; attempt < 50; attempt++) {
        if ((sql.checkpoint.get() as { busy: number }).busy === 0) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new KeyUnavailable('the keystore log is held by another process: erase again');
    },
    close: () => db.close(),
  };
}

export type Keystore = ReturnType<typeof openKeystore>;

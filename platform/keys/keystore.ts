/** The keystore: one SQLite file of wrapped keys, apart from the clinical database. */
import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { KeyUnavailable } from './errors.ts';

/** The wrapping key of a clinic in one epoch, itself wrapped by the provider. */
export interface WrappingRow {
  epoch: number;
  provider: string;
  wrapped: Uint8Array;
}

/** One wrapped data key. */
export interface KeyRow {
  kid: string;
  epoch: number;
  version: number;
  indexVersion: number;
  wrapped: Uint8Array;
}

const SCHEMA = `
create table if not exists wrapping (
  tenant integer not null, epoch integer not null, provider text not null, wrapped blob not null,
  made integer not null, primary key (tenant, epoch)) without rowid;
create table if not exists data_key (
  kid text primary key, tenant integer not null, kind text not null check (kind in ('tenant', 'owner')),
  version integer not null, index_version integer not null, epoch integer not null,
  wrapped blob not null, made integer not null) without rowid;
create unique index if not exists one_key_of_the_tenant on data_key (tenant) where kind = 'tenant';
create index if not exists keys_by_epoch on data_key (tenant, epoch);
create table if not exists erased (
  seq integer primary key autoincrement, kid text not null unique, tenant integer not null,
  epoch integer not null, at integer not null);
`;

const KEY_COLUMNS = 'kid, epoch, version, index_version as indexVersion, wrapped';

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
  transaction(() => db.exec(SCHEMA));

  const sql = {
    wrapping: db.prepare(
      'select epoch, provider, wrapped from wrapping where tenant = ? order by epoch desc limit 1',
    ),
    wrappingOf: db.prepare(
      'select epoch, provider, wrapped from wrapping where tenant = ? and epoch = ?',
    ),
    addWrapping: db.prepare(
      'insert into wrapping (tenant, epoch, provider, wrapped, made) values (?, ?, ?, ?, ?) on conflict do nothing',
    ),
    dropWrapping: db.prepare('delete from wrapping where tenant = ? and epoch < ?'),
    tenantKey: db.prepare(
      `select ${KEY_COLUMNS} from data_key where tenant = ? and kind = 'tenant'`,
    ),
    key: db.prepare(`select ${KEY_COLUMNS} from data_key where kid = ? and tenant = ?`),
    keysBefore: db.prepare(`select ${KEY_COLUMNS} from data_key where tenant = ? and epoch < ?`),
    addKey: db.prepare(
      `insert into data_key (kid, tenant, kind, version, index_version, epoch, wrapped, made)
       values (?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing`,
    ),
    rewrap: db.prepare('update data_key set epoch = ?, wrapped = ? where kid = ?'),
    destroy: db.prepare('delete from data_key where kid = ? and tenant = ?'),
    note: db.prepare(
      'insert into erased (kid, tenant, epoch, at) values (?, ?, ?, ?) on conflict do nothing',
    ),
    erased: db.prepare('select 1 as found from erased where kid = ? and tenant = ?'),
    erasedSince: db.prepare('select seq, kid from erased where seq > ? order by seq'),
    lastErased: db.prepare('select coalesce(max(seq), 0) as seq from erased'),
    erasedInEpoch: db.prepare('select count(*) as n from erased where tenant = ? and epoch = ?'),
    changed: db.prepare('pragma data_version'),
    checkpoint: db.prepare('pragma wal_checkpoint(truncate)'),
  };

  return {
    transaction,
    wrapping: (tenant: number) => sql.wrapping.get(tenant) as unknown as WrappingRow | undefined,
    wrappingOf: (tenant: number, epoch: number) =>
      sql.wrappingOf.get(tenant, epoch) as unknown as WrappingRow | undefined,
    addWrapping: (tenant: number, row: WrappingRow, at: number) =>
      sql.addWrapping.run(tenant, row.epoch, row.provider, row.wrapped, at).changes === 1,
    dropWrapping: (tenant: number, before: number) => sql.dropWrapping.run(tenant, before),
    tenantKey: (tenant: number) => sql.tenantKey.get(tenant) as unknown as KeyRow | undefined,
    key: (tenant: number, kid: string) => sql.key.get(kid, tenant) as unknown as KeyRow | undefined,
    keysBefore: (tenant: number, epoch: number) =>
      sql.keysBefore.all(tenant, epoch) as unknown as KeyRow[],
    addKey: (tenant: number, kind: 'tenant' | 'owner', row: KeyRow, at: number) =>
      sql.addKey.run(
        row.kid,
        tenant,
        kind,
        row.version,
        row.indexVersion,
        row.epoch,
        row.wrapped,
        at,
      ).changes === 1,
    rewrap: (kid: string, epoch: number, wrapped: Uint8Array) =>
      sql.rewrap.run(epoch, wrapped, kid),
    /** Deletes the key and leaves its tombstone, with the epoch whose backups still hold it. */
    destroy(tenant: number, kid: string, epoch: number, at: number) {
      sql.destroy.run(kid, tenant);
      sql.note.run(kid, tenant, epoch, at);
    },
    isErased: (tenant: number, kid: string) => sql.erased.get(kid, tenant) !== undefined,
    erasedSince: (seq: number) =>
      sql.erasedSince.all(seq) as unknown as { seq: number; kid: string }[],
    lastErased: () => (sql.lastErased.get() as { seq: number }).seq,
    erasedInEpoch: (tenant: number, epoch: number) =>
      (sql.erasedInEpoch.get(tenant, epoch) as { n: number }).n,
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

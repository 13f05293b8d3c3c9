/** The keystore's tables, and what brings an older keystore to them. Forward only, like the database's migrations. */
import type { DatabaseSync } from 'node:sqlite';

const FIRST = `
create table if not exists wrapping (
  tenant integer not null, epoch integer not null, provider text not null, wrapped blob not null,
  made integer not null, primary key (tenant, epoch)) without rowid;
create table if not exists data_key (
  kid text primary key, tenant integer not null, kind text not null check (kind in ('tenant', 'owner')),
  version integer not null, index_version integer not null, epoch integer not null,
  wrapped blob not null, made integer not null) without rowid;
create index if not exists keys_by_epoch on data_key (tenant, epoch);
create table if not exists erased (
  seq integer primary key autoincrement, kid text not null unique, tenant integer not null,
  epoch integer not null, at integer not null);
`;

/**
 * Families: the keys of one patient or clinic, one of them current. `family` null: the key is its family's first.
 * news: what other processes have to forget; kid null: all they hold of the clinic.
 */
const FAMILIES = `
alter table data_key add column family text;
alter table data_key add column state text not null default 'current' check (state in ('pending', 'current', 'old'));
drop index if exists one_key_of_the_tenant;
create unique index one_current_key_of_the_tenant on data_key (tenant) where kind = 'tenant' and state = 'current';
create index keys_by_family on data_key (family) where family is not null;
create index keys_by_state on data_key (tenant, state) where state <> 'current';
create table index_key (
  tenant integer not null, family text not null, version integer not null, epoch integer not null,
  wrapped blob not null, made integer not null, primary key (tenant, family, version)) without rowid;
create index index_keys_by_epoch on index_key (tenant, epoch);
create table index_phase (
  tenant integer primary key, target integer not null, phase text not null, at integer not null);
create table news (
  seq integer primary key autoincrement, tenant integer not null, kid text, at integer not null);
create table fact (name text primary key, value text not null) without rowid;
pragma user_version = 2;
`;

/** Run inside a transaction. */
export function migrateKeystore(db: DatabaseSync): void {
  db.exec(FIRST);
  const { user_version: at } = db.prepare('pragma user_version').get() as { user_version: number };
  if (at < 2) db.exec(FAMILIES);
}

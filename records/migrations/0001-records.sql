-- The record store: sealed bodies, clear edges between random ids, blind tokens, grants, and the feed of changes.
-- Times are bigint milliseconds since the Unix epoch; the instant of a request is always a parameter, never now().
-- Tenant leads every key and is the sharding key. No column of this schema may hold PHI in the clear.

create schema if not exists records;

-- The current version of every resource. `body` is sealed (platform/seal); its associated data names every other
-- column that policy or order depends on, so that an edited or swapped row does not open.
create table records.resource (
  tenant int not null,
  type text collate "C" not null,
  rid uuid not null,
  version int not null,
  updated bigint not null,
  -- POST, PUT, PATCH or DELETE: what made this version.
  verb text collate "C" not null,
  deleted boolean not null,
  -- The type's clinical date as an interval [at, until): see records/write/clinical-date.ts.
  at bigint not null,
  until bigint not null,
  -- The patient whose key seals the body and whose grants open it; null for what belongs to no patient.
  owner uuid,
  compartment_hash bytea not null,
  -- Security labels (meta.security) as tokens under the owner's index key.
  labels bigint[] not null,
  -- The tokens of this row in records.token: exactly what an update has to take out again.
  tokens bigint[] not null,
  body bytea not null,
  primary key (tenant, type, rid)
);
create index resource_at on records.resource (tenant, type, at, rid);
alter table records.resource alter column body set storage external;

-- Superseded versions only: the current one lives in `resource`.
create table records.history (
  tenant int not null,
  type text collate "C" not null,
  rid uuid not null,
  version int not null,
  updated bigint not null,
  verb text collate "C" not null,
  deleted boolean not null,
  at bigint not null,
  until bigint not null,
  owner uuid,
  compartment_hash bytea not null,
  labels bigint[] not null,
  body bytea not null,
  primary key (tenant, type, rid, version, updated)
) partition by range (updated);
alter table records.history alter column body set storage external;
create table records.history_default partition of records.history default;

-- References between our resources, in the clear between random ids. One row for each pair; `params` names every
-- search parameter that leads from source to target.
create table records.edge (
  tenant int not null,
  source_type text collate "C" not null,
  source uuid not null,
  target_type text collate "C" not null,
  target uuid not null,
  params text[] not null,
  primary key (tenant, source, source_type, target, target_type)
);
create index edge_back on records.edge (tenant, target, target_type, source_type, source);

-- The blind index: see records/tokens.ts for what a token is made of. `at` is that of the resource, so that one
-- token's matches come out newest first. The type is part of the token.
create table records.token (
  tenant int not null,
  token bigint not null,
  at bigint not null,
  rid uuid not null,
  primary key (tenant, token, at, rid)
);

-- Dates other than the clinical date of the type (that one is in resource.at/until). Never birth or death dates.
create table records.period (
  tenant int not null,
  type text collate "C" not null,
  param text collate "C" not null,
  starts bigint not null,
  until bigint not null,
  rid uuid not null,
  primary key (tenant, rid, type, param, starts, until)
);
create index period_starts on records.period (tenant, type, param, starts, rid);

-- Patients that a resource names besides its owner: their denials apply too.
create table records.compartment (
  tenant int not null,
  patient uuid not null,
  type text collate "C" not null,
  rid uuid not null,
  primary key (tenant, rid, type, patient)
);
create index compartment_patient on records.compartment (tenant, patient, type, rid);

-- Client-given ids that are not UUIDs, as tokens: a record number can hide in an id. An alias is made when an id is
-- first written or first referred to, and never changes.
create table records.alias (
  tenant int not null,
  type text collate "C" not null,
  token bigint not null,
  rid uuid not null,
  primary key (tenant, type, token)
);

-- Which data key seals what a patient owns, and the cell (region) the patient is at home in.
create table records.owner_key (
  tenant int not null,
  owner uuid not null,
  kid uuid not null,
  version int not null,
  cell text not null default 'home',
  primary key (tenant, owner)
);

-- Who may see whose chart, from when until when, and because of what. Compiled by access, written with the source.
create table records."grant" (
  tenant int not null,
  principal uuid not null,
  patient uuid not null,
  class text collate "C" not null,
  purpose text collate "C" not null,
  -- 'Appointment/<rid>': withdrawing one source leaves the grants of the others.
  source text collate "C" not null,
  starts bigint not null,
  ends bigint not null,
  primary key (tenant, principal, patient, source, class, purpose)
);
create index grant_source on records."grant" (tenant, source);

-- Consent denials: a principal a patient shuts out, wholly (label 0) or from what carries a label.
create table records.deny (
  tenant int not null,
  principal uuid not null,
  patient uuid not null,
  label bigint not null default 0,
  source text collate "C" not null,
  primary key (tenant, principal, patient, label, source)
);
create index deny_source on records.deny (tenant, source);

-- The feed of committed changes. Consumed in (xid, seq) order and only below pg_snapshot_xmin: a lower xid cannot
-- appear later. Read across tenants by every process, therefore led by xid.
create table records.change (
  xid xid8 not null default pg_current_xact_id(),
  seq bigint generated always as identity,
  tenant int not null,
  type text collate "C" not null,
  rid uuid not null,
  version int not null,
  verb text collate "C" not null,
  owner uuid,
  at bigint not null,
  primary key (xid, seq)
);

-- What was answered to a request that carried an idempotency key. The key itself is kept as a token.
create table records.idempotency (
  tenant int not null,
  caller uuid not null,
  key bigint not null,
  request_hash bytea not null,
  response bytea not null,
  at bigint not null,
  primary key (tenant, caller, key)
);
create index idempotency_at on records.idempotency (at);

-- Names, birth dates, phones, addresses: sealed rows, one for each resource, loaded into memory and tailed by (xid, seq).
create sequence records.directory_seq;
create table records.directory (
  tenant int not null,
  type text collate "C" not null,
  rid uuid not null,
  seq bigint not null default nextval('records.directory_seq'),
  xid xid8 not null default pg_current_xact_id(),
  sealed bytea,
  deleted boolean not null,
  primary key (tenant, type, rid)
);
create index directory_tail on records.directory (tenant, xid, seq);
alter table records.directory alter column sealed set storage external;

-- Ends the statement (and with it the transaction) unless the condition holds. The SQLSTATE tells why:
-- AF403 no grant, AF409 changed meanwhile, 40001 run it again.
create function records.must(holds boolean, state text) returns boolean
language plpgsql volatile as $$
begin
  if holds then
    return true;
  end if;
  raise exception 'records: refused' using errcode = state;
end
$$;

-- Makes the monthly partitions of history from the month of `since` (ms) on. Runs with its owner's rights: the
-- application's role cannot make tables. Idempotent; safe from many processes at once.
create function records.ensure_months(since bigint, months int) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  first timestamp := date_trunc('month', to_timestamp(since / 1000.0) at time zone 'UTC');
  month timestamp;
  name text;
begin
  perform pg_advisory_xact_lock(7165, 1);
  for i in 0 .. months - 1 loop
    month := first + make_interval(months => i);
    name := 'history_' || to_char(month, 'YYYY_MM');
    if to_regclass('records.' || name) is null then
      execute format(
        'create table records.%I partition of records.history for values from (%s) to (%s)',
        name,
        (extract(epoch from month) * 1000)::bigint,
        (extract(epoch from month + interval '1 month') * 1000)::bigint);
    end if;
  end loop;
end
$$;

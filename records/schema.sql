-- Made from the catalogue by records/schema.int.test.ts: not edited by hand, not run.

create table records."alias" (
  tenant integer not null,
  type text collate "C" not null,
  token bigint not null,
  rid uuid not null,
  index_version integer not null default 1
);
CREATE UNIQUE INDEX alias_pkey ON records.alias USING btree (tenant, type, token);

create table records."change" (
  xid xid8 not null default pg_current_xact_id(),
  seq bigint not null generated always as identity,
  tenant integer not null,
  type text collate "C" not null,
  rid uuid not null,
  version integer not null,
  verb text collate "C" not null,
  owner uuid,
  at bigint not null
);
CREATE INDEX change_of_type ON records.change USING btree (tenant, type, at, xid, seq);
CREATE UNIQUE INDEX change_pkey ON records.change USING btree (xid, seq, tenant);

create table records."compartment" (
  tenant integer not null,
  patient uuid not null,
  type text collate "C" not null,
  rid uuid not null
);
CREATE INDEX compartment_patient ON records.compartment USING btree (tenant, patient, type, rid);
CREATE UNIQUE INDEX compartment_pkey ON records.compartment USING btree (tenant, rid, type, patient);

create table records."deny" (
  tenant integer not null,
  principal uuid not null,
  patient uuid not null,
  label bigint not null default 0,
  source text collate "C" not null,
  type text collate "C" not null default ''::text,
  rid uuid,
  purpose text collate "C" not null default ''::text,
  starts bigint not null default 0,
  ends bigint not null default '253402214400000'::bigint,
  rule integer not null default 0,
  spares boolean not null default false,
  firm boolean not null default false,
  n bigint not null default 0
);
CREATE UNIQUE INDEX deny_pkey ON records.deny USING btree (tenant, principal, patient, label, source, n);
CREATE INDEX deny_source ON records.deny USING btree (source, tenant);

create table records."directory" (
  tenant integer not null,
  type text collate "C" not null,
  rid uuid not null,
  seq bigint not null default nextval('records.directory_seq'::regclass),
  xid xid8 not null default pg_current_xact_id(),
  sealed bytea,
  deleted boolean not null
);
CREATE UNIQUE INDEX directory_pkey ON records.directory USING btree (tenant, type, rid);
CREATE INDEX directory_tail ON records.directory USING btree (tenant, xid, seq);

create table records."edge" (
  tenant integer not null,
  source_type text collate "C" not null,
  source uuid not null,
  target_type text collate "C" not null,
  target uuid not null,
  params text[] not null
);
CREATE INDEX edge_back ON records.edge USING btree (tenant, target, target_type, source_type, source);
CREATE UNIQUE INDEX edge_pkey ON records.edge USING btree (tenant, source, source_type, target, target_type);

create table records."grant" (
  tenant integer not null,
  principal uuid not null,
  patient uuid not null,
  class text collate "C" not null,
  purpose text collate "C" not null,
  source text collate "C" not null,
  starts bigint not null,
  ends bigint not null,
  ceiling bigint
);
CREATE INDEX grant_patient ON records."grant" USING btree (patient, tenant, ends);
CREATE UNIQUE INDEX grant_pkey ON records."grant" USING btree (tenant, principal, patient, source, class, purpose);
CREATE INDEX grant_source ON records."grant" USING btree (source, tenant);

create table records."history" (
  tenant integer not null,
  type text collate "C" not null,
  rid uuid not null,
  version integer not null,
  updated bigint not null,
  verb text collate "C" not null,
  deleted boolean not null,
  at bigint not null,
  until bigint not null,
  owner uuid,
  compartment_hash bytea not null,
  labels bigint[] not null,
  body bytea not null
) partition by range (updated);
CREATE UNIQUE INDEX history_pkey ON ONLY records.history USING btree (tenant, type, rid, version, updated);

create table records."idempotency" (
  tenant integer not null,
  caller uuid not null,
  key bigint not null,
  request_hash bytea not null,
  response bytea not null,
  at bigint not null
);
CREATE INDEX idempotency_at ON records.idempotency USING btree (at);
CREATE UNIQUE INDEX idempotency_pkey ON records.idempotency USING btree (tenant, caller, key);

create table records."import_journal" (
  tenant integer not null,
  key bytea not null,
  resources integer not null,
  at bigint not null
);
CREATE UNIQUE INDEX import_journal_pkey ON records.import_journal USING btree (tenant, key);

create table records."owner_key" (
  tenant integer not null,
  owner uuid not null,
  kid uuid not null,
  version integer not null,
  cell text not null default 'home'::text
);
CREATE UNIQUE INDEX owner_key_pkey ON records.owner_key USING btree (tenant, owner);

create table records."parameter" (
  tenant integer not null,
  rid uuid not null,
  version integer not null,
  state text collate "C" not null,
  announced bigint not null,
  xid xid8 not null default pg_current_xact_id(),
  after_type text collate "C",
  after_rid uuid,
  seen bigint not null default 0,
  moved bigint not null default 0,
  total bigint not null default 0,
  updated bigint not null
);
CREATE UNIQUE INDEX parameter_pkey ON records.parameter USING btree (tenant, rid);

create table records."period" (
  tenant integer not null,
  type text collate "C" not null,
  param text collate "C" not null,
  starts bigint not null,
  until bigint not null,
  rid uuid not null
);
CREATE UNIQUE INDEX period_pkey ON records.period USING btree (tenant, rid, type, param, starts, until);
CREATE INDEX period_starts ON records.period USING btree (tenant, type, param, starts, rid);

create table records."resource" (
  tenant integer not null,
  type text collate "C" not null,
  rid uuid not null,
  version integer not null,
  updated bigint not null,
  verb text collate "C" not null,
  deleted boolean not null,
  at bigint not null,
  until bigint not null,
  owner uuid,
  compartment_hash bytea not null,
  labels bigint[] not null,
  tokens bigint[] not null,
  body bytea not null
);
CREATE INDEX resource_at ON records.resource USING btree (tenant, type, at, rid);
CREATE UNIQUE INDEX resource_pkey ON records.resource USING btree (tenant, type, rid);
CREATE INDEX resource_updated ON records.resource USING btree (tenant, type, updated, rid);

create table records."rotation" (
  tenant integer not null,
  kind text collate "C" not null,
  step text collate "C" not null,
  started bigint not null,
  store text collate "C",
  cursor text,
  seen bigint not null default 0,
  moved bigint not null default 0,
  updated bigint not null,
  finished bigint
);
CREATE UNIQUE INDEX rotation_pkey ON records.rotation USING btree (tenant, kind);

create table records."token" (
  tenant integer not null,
  token bigint not null,
  at bigint not null,
  rid uuid not null
);
CREATE UNIQUE INDEX token_pkey ON records.token USING btree (tenant, token, at, rid);

create table records."twin_check" (
  tenant integer not null,
  id uuid not null,
  type text collate "C" not null,
  rid uuid not null,
  condition bytea not null,
  at bigint not null
);
CREATE UNIQUE INDEX twin_check_pkey ON records.twin_check USING btree (tenant, id);

CREATE OR REPLACE FUNCTION records.denied(of_tenant integer, principals uuid[], shut uuid[], purposes text[], at bigint, row_type text, row_rid uuid, row_owner uuid, row_labels bigint[])
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE PARALLEL SAFE
AS $function$
declare
  patients uuid[] := array(select row_owner union all select c.patient from records.compartment c
    where c.tenant = of_tenant and c.rid = row_rid and c.type = row_type);
begin
  return exists (select from records.deny d
    where d.tenant = of_tenant and d.principal = any(shut) and d.patient = any(patients) and not d.spares
      and (d.label = 0 or d.label = any(row_labels)) and (d.type = '' or d.type = row_type)
      and (d.rid is null or d.rid = row_rid) and (d.purpose = '' or d.purpose = any(purposes))
      and d.starts <= at and d.ends > at
      -- Everybody is everybody but the patient herself.
      and (d.principal <> '00000000-0000-0000-0000-000000000000' or d.patient <> all(principals))
      and (d.firm or 'ETREAT' <> all(purposes) or not exists (select from records."grant" b
        where b.tenant = of_tenant and b.principal = any(principals) and b.patient = d.patient and b.class = 'chart'
          and b.purpose = 'ETREAT' and b.starts <= at and b.ends > at))
      and not exists (select from records.deny e
        where e.tenant = of_tenant and e.principal = any(shut) and e.patient = d.patient and e.spares
          and e.source = d.source and e.rule = d.rule
          and (e.label = 0 or e.label = any(row_labels)) and (e.type = '' or e.type = row_type)
          and (e.rid is null or e.rid = row_rid) and (e.purpose = '' or e.purpose = any(purposes))
          and e.starts <= at and e.ends > at));
end
$function$;

CREATE OR REPLACE FUNCTION records.ensure_months(since bigint, months integer)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog'
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION records.must(holds boolean, state text)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
begin
  if holds then
    return true;
  end if;
  raise exception 'records: refused' using errcode = state;
end
$function$;

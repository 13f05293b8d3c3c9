-- What watches over the trail and is drawn from it: who was in whose chart, what stands out, what was verified, kept apart and dropped.
-- Times are bigint ms since epoch; ids are random; no personal data.

-- Who was in a patient's chart on a day (UTC, days since epoch), with the hours as bits: an index into the trail, which holds the rest.
-- Written behind the trail from the same events; a row each event would cost every read an index entry.
create table access.patient_day (
  tenant int not null,
  patient uuid not null,
  day int not null,
  who uuid not null,
  hours int not null,
  primary key (tenant, patient, day, who)
);
insert into access.patient_day (tenant, patient, day, who, hours)
select e.tenant, p, (e.at / 86400000)::int, e.who, bit_or(1 << (e.at / 3600000 % 24)::int)
from access.audit_event e cross join unnest(e.patients) p
where e.outcome = 0 and e.who <> '00000000-0000-7000-8000-000000000001'
group by 1, 2, 3, 4;

-- Distinct things a person did within a rule's window, each with when she last did it: counted, it is the sliding window.
create table access.signal (
  tenant int not null,
  who uuid not null,
  rule text collate "C" not null,
  item uuid not null,
  at bigint not null,
  primary key (tenant, who, rule, item)
) with (fillfactor = 80);

-- How far what a process appended has been fed into the two above: the next one takes up what a killed one left.
create table access.audit_feed (boot uuid primary key, at bigint not null);

-- A clinic's own thresholds; a rule without a row stands as the program has it.
create table access.anomaly_rule (
  tenant int not null,
  rule text collate "C" not null,
  enabled boolean not null,
  threshold int not null check (threshold > 0),
  window_ms bigint not null check (window_ms > 0),
  -- 0: nobody is held up.
  throttle_ms bigint not null check (throttle_ms >= 0),
  changed bigint not null,
  changed_by uuid not null,
  primary key (tenant, rule)
);

create table access.anomaly (
  tenant int not null,
  id uuid not null,
  rule text collate "C" not null,
  who uuid not null,
  role text not null,
  at bigint not null,
  count int not null,
  threshold int not null,
  window_ms bigint not null,
  -- Null: nobody is held up.
  throttled_until bigint,
  -- No second alert of this rule about this person before.
  quiet_until bigint not null,
  acknowledged bigint,
  acknowledged_by uuid,
  lifted bigint,
  lifted_by uuid,
  primary key (tenant, id)
);
create index anomaly_at on access.anomaly (tenant, at);
create index anomaly_who on access.anomaly (tenant, who, rule, quiet_until);
create index anomaly_throttled on access.anomaly (throttled_until)
  where throttled_until is not null and lifted is null;

-- Each look through the whole trail or its newest part, and how it ended.
create table access.audit_verification (
  id uuid primary key,
  at bigint not null,
  ended bigint not null,
  -- `whole` or `since` a checkpoint.
  span text not null,
  events bigint not null,
  links bigint not null,
  faults int not null
);

-- Months that lie in a sealed file outside the database, by clinic.
create table access.audit_export (
  tenant int not null,
  -- YYYYMM, UTC.
  month int not null,
  at bigint not null,
  events bigint not null,
  links bigint not null,
  -- sha256 of the file.
  digest bytea not null,
  primary key (tenant, month, at)
);

-- Months that are no longer in the database. Signed: a hand that removes events cannot say that they were dropped.
create table access.audit_dropped (
  month int primary key,
  at bigint not null,
  events bigint not null,
  signature text not null
);

grant select, insert, update, delete on access.patient_day, access.signal, access.audit_feed,
  access.anomaly_rule, access.anomaly to afar_app;
revoke all on access.audit_verification, access.audit_export, access.audit_dropped from afar_app;
grant select, insert on access.audit_verification, access.audit_export to afar_app;
grant select on access.audit_dropped to afar_app;

-- Drops one month: only after its events of every clinic lie in an exported file, and six years after its end. For the owner of the
-- schema alone: neither the application nor the audit role can call it. Returns how many events went.
create function access.drop_audit_month(which int, now bigint, signed text) returns bigint
  language plpgsql set search_path = pg_catalog, pg_temp as $$
declare
  first timestamp := make_timestamp(which / 100, which % 100, 1, 0, 0, 0);
  starts bigint := extract(epoch from first) * 1000;
  ends bigint := extract(epoch from first + interval '1 month') * 1000;
  part text := 'audit_event_' || which;
  there bigint;
  missing int;
begin
  if first + interval '1 month' + interval '72 months' > to_timestamp(now / 1000.0) at time zone 'UTC' then
    raise exception 'month % is kept for six years', which;
  end if;
  perform pg_advisory_xact_lock(hashtext('access.ensure_audit_months'));
  select count(*) into there from access.audit_event where at >= starts and at < ends;
  select count(*) into missing from (
    select e.tenant, count(*) as events from access.audit_event e
    where e.at >= starts and e.at < ends group by 1
  ) t
  where not exists (
    select from access.audit_export x
    where x.tenant = t.tenant and x.month = which and x.events = t.events
  );
  if missing > 0 then
    raise exception 'month % is not exported in full for % clinic(s)', which, missing;
  end if;
  insert into access.audit_dropped (month, at, events, signature) values (which, now, there, signed);
  if to_regclass('access.' || part) is not null then
    execute format('drop table access.%I', part);
  end if;
  delete from access.audit_event_default where at >= starts and at < ends;
  return there;
end
$$;
revoke all on function access.drop_audit_month(int, bigint, text) from public;

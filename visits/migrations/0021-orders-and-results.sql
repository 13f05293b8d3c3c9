-- Results that wait for somebody's decision, orders that wait for a result: ids, instants and states alone, derived from the
-- record store's changes. Whose row it is can be told only with the keys.
create table visits.awaited (
  tenant int not null,
  rid uuid not null, -- ServiceRequest
  patient uuid not null,
  clinician uuid,
  placed bigint not null,
  due bigint not null,
  state text not null check (state in ('open', 'answered', 'closed')),
  version int not null,
  primary key (tenant, rid)
);
create index awaited_due on visits.awaited (tenant, due, rid) where state = 'open';
create index awaited_of_patient on visits.awaited (tenant, patient, placed);

create table visits.result (
  tenant int not null,
  id uuid not null default gen_random_uuid(),
  type text not null,
  rid uuid not null,
  patient uuid not null,
  -- Who answers for it; null: nobody could be found.
  clinician uuid,
  -- Who was asked instead: a cover, a colleague it was passed to, whoever the office chose.
  assignee uuid,
  ordered uuid, -- ServiceRequest
  -- DiagnosticReport that this Observation is a part of: then the report stands in the inbox for it.
  part_of uuid,
  version int not null,
  -- Keyed hash of what it says: brings it back when it says something else.
  said bytea not null,
  level smallint not null, -- 0 critical, 1 abnormal, 2 unrated, 3 normal
  standing text not null check (standing in ('new', 'changed', 'retracted')),
  state text not null check (state in ('waiting', 'acknowledged', 'part', 'erased')),
  preliminary boolean not null,
  revision int not null default 1,
  arrived bigint not null,
  -- When it is looked at next, and how far up it has gone: 0 hers, 1 the care team's, 2 the office knows.
  next_look bigint not null,
  rung smallint not null default 0,
  reason text check (reason in ('silent', 'unable', 'nobody')),
  -- The patient sees it from then on.
  visible_from bigint not null,
  -- When she was told that she can read it.
  told_at bigint,
  acknowledged_at bigint,
  acknowledged_by uuid,
  decision text,
  review uuid, -- Task that records the decision
  checked bigint not null,
  primary key (tenant, type, rid)
);
create unique index result_id on visits.result (tenant, id);
create index result_waiting on visits.result (tenant, level, arrived) where state = 'waiting';
create index result_look on visits.result (next_look) where state = 'waiting';
create index result_untold on visits.result (visible_from) where told_at is null and state in ('waiting', 'acknowledged');
create index result_checked on visits.result (checked) where state in ('waiting', 'acknowledged');
create index result_of_patient on visits.result (tenant, patient, arrived);
create index result_of_order on visits.result (tenant, ordered) where ordered is not null;
create index result_parts on visits.result (tenant, part_of) where part_of is not null;

-- Up to where each tenant's changes have been taken in for certain: ms since epoch of their writing.
create table visits.result_mark (
  tenant int primary key,
  upto bigint not null
);

create table visits.result_setting (
  tenant int primary key,
  critical_minutes int not null,
  abnormal_hours int not null,
  other_days int not null,
  release text not null check (release in ('at-once', 'seen')),
  release_hours int
);

-- While a clinician is away somebody else is asked.
create table visits.away (
  tenant int not null,
  clinician uuid not null,
  cover uuid not null,
  starts bigint not null,
  ends bigint not null,
  primary key (tenant, clinician)
);
create index away_cover on visits.away (tenant, cover);

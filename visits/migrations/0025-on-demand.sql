-- Being seen now: a visit asked of whoever is on duty, taken by one of them; who is there; what triage said. Ids, instants and codes only.
alter table visits.visit
  -- The service that was asked, for good; `clinician` is the same id until somebody takes the visit.
  add column pool uuid,
  -- What staff said: 1 urgent, 2 routine, 3 can wait; null: nobody has looked.
  add column triage smallint,
  -- When she was told, away from the waiting room, that it is nearly her turn, and that she is called.
  add column near_told bigint,
  add column ready_told bigint,
  alter column priority set default 2;
update visits.visit set priority = 2 where priority = 1;
create index visit_of_pool on visits.visit (tenant, pool, ended_at) where pool is not null;

create table visits.presence (
  tenant int not null,
  practitioner uuid not null,
  away boolean not null,
  on_duty boolean not null,
  seen_at bigint not null,
  primary key (tenant, practitioner)
);

create table visits.on_demand (
  tenant int not null primary key,
  -- The FHIR HealthcareService of the same id.
  rid uuid not null,
  settings jsonb not null,
  updated bigint not null
);

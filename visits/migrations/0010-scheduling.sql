-- Moving, holding, repeating, taking along. Ids, instants and codes; names of rooms and closures are the office's own words.
alter table visits.visit
  add column urgent boolean not null default false,
  -- How often its time or standing changed after it was made [RFC 5545 3.8.7.4].
  add column sequence int not null default 0,
  add column cancel_class text,
  add column cancel_late boolean not null default false,
  add column cancelled_by text,
  add column series uuid,
  add column series_index smallint;
create index visit_series on visits.visit (tenant, series, series_index) where series is not null;
create index visit_in_span on visits.visit (tenant, starts)
  where state in ('requested', 'booked', 'waiting', 'admitted', 'in-progress');

-- A hold's time is a busy time that ends by itself.
alter table visits.busy add column expires bigint;
create index busy_expires on visits.busy (expires) where expires is not null;
create table visits.hold (
  tenant int not null,
  id uuid not null,
  account uuid not null,
  slot uuid not null,
  starts bigint not null,
  ends bigint not null,
  expires bigint not null,
  primary key (tenant, id)
);
create index hold_of_account on visits.hold (tenant, account, expires);
create index hold_expires on visits.hold (expires);

-- Rooms and interpreter services; `rid` is the FHIR Location or HealthcareService of the same id.
create table visits.resource (
  tenant int not null,
  rid uuid not null,
  kind text not null,
  body jsonb not null,
  active boolean not null,
  updated bigint not null,
  primary key (tenant, rid)
);

-- What a visit takes along, whether or not it has its time yet.
create table visits.companion (
  tenant int not null,
  visit uuid not null,
  resource uuid not null,
  primary key (tenant, visit, resource)
);
create index companion_of on visits.companion (tenant, resource);

-- Days on which the whole clinic is closed, wall-clock dates of each schedule's own zone.
create table visits.closure (
  tenant int not null,
  id uuid not null,
  first date not null,
  last date not null,
  label text not null,
  primary key (tenant, id)
);
create index closure_last on visits.closure (tenant, last);

-- Time kept free by hand; its busy rows fill every lane.
create table visits.block (
  tenant int not null,
  id uuid not null,
  actor uuid not null,
  starts bigint not null,
  ends bigint not null,
  primary key (tenant, id)
);
create index block_of_actor on visits.block (tenant, actor, ends);

-- Dates that belong together.
create table visits.series (
  tenant int not null,
  id uuid not null,
  every text not null,
  times smallint not null,
  made bigint not null,
  primary key (tenant, id)
);

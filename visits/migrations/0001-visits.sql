-- Schema of the visits: availability, busy time, the state of each visit, its room. Uuids, instants and state codes in the
-- clear; everything a person wrote or a browser told about itself is sealed. Instants are ms since epoch.

create schema if not exists visits;

-- When a clinician can be booked. `rid` is the FHIR Schedule of the same id; the rule is wall-clock hours, no person in it.
create table visits.schedule (
  tenant int not null,
  actor uuid not null,
  rid uuid not null,
  rule jsonb not null,
  active boolean not null,
  updated bigint not null,
  primary key (tenant, actor)
);
create unique index schedule_rid on visits.schedule (tenant, rid);

-- Taken time of anyone who can be in one place only. `lane` counts capacity; `blocked` includes buffers.
-- Inserted with ON CONFLICT ON CONSTRAINT busy_alone DO NOTHING: a plain insert of overlapping ranges deadlocks.
create table visits.busy (
  tenant int not null,
  actor uuid not null,
  lane int not null,
  blocked int8range not null,
  source uuid not null,
  constraint busy_alone exclude using gist (tenant with =, actor with =, lane with =, blocked with &&)
);
create index busy_source on visits.busy (tenant, source);

-- One row a visit; its id is the Appointment's.
create table visits.visit (
  tenant int not null,
  rid uuid not null,
  patient uuid not null,
  clinician uuid not null,
  mode text not null,
  state text not null,
  starts bigint not null,
  ends bigint not null,
  priority smallint not null default 1,
  intake uuid,
  intake_at bigint,
  red_flag boolean not null default false,
  checks jsonb,
  arrived_at bigint,
  seen_at bigint,
  admitted_at bigint,
  started_at bigint,
  ended_at bigint,
  encounter uuid,
  composition uuid,
  signed_at bigint,
  primary key (tenant, rid)
);
create index visit_overdue on visits.visit (ends) where state = 'booked';
create index visit_of_patient on visits.visit (tenant, patient, starts, rid);
create index visit_of_clinician on visits.visit (tenant, clinician, starts, rid);
create index visit_queue on visits.visit (tenant, priority, arrived_at, rid)
  where state in ('waiting', 'admitted', 'in-progress');

-- A note that is not signed yet, sealed under the patient's key.
create table visits.draft (
  tenant int not null,
  visit uuid not null,
  revision int not null,
  body bytea not null,
  saved_at bigint not null,
  saved_by uuid not null,
  primary key (tenant, visit)
);

-- What was added to a note after it was signed, and what was ordered in a visit: ids of the resources, in order.
create table visits.addendum (
  tenant int not null,
  visit uuid not null,
  rid uuid not null,
  at bigint not null,
  primary key (tenant, visit, rid)
);
create table visits.placed_order (
  tenant int not null,
  visit uuid not null,
  type text not null,
  rid uuid not null,
  at bigint not null,
  primary key (tenant, visit, rid)
);

-- A person's seat in the room of a visit: the same peer id for ever, one connection at a time. `person` is the Patient's or
-- Practitioner's id; `connection` one socket of one process.
create table visits.seat (
  tenant int not null,
  visit uuid not null,
  person uuid not null,
  role text not null,
  peer uuid not null,
  session int not null default 0,
  connection uuid,
  lease_until bigint not null default 0,
  media jsonb not null,
  primary key (tenant, visit, person)
);
create unique index seat_peer on visits.seat (tenant, visit, peer);

-- Join tickets and resume tokens, hashed; used once.
create table visits.ticket (
  hash bytea primary key,
  tenant int not null,
  visit uuid not null,
  account uuid not null,
  person uuid not null,
  kind text not null,
  session int,
  expires bigint not null
);
create index ticket_of_visit on visits.ticket (tenant, visit, account);
create index ticket_expires on visits.ticket (expires);

-- Messages between two peers on different processes, sealed (SDP tells addresses), 60 s at most. Unlogged: after a crash the
-- browsers negotiate anew anyway.
create unlogged table visits.room_message (
  id bigint generated always as identity primary key,
  tenant int not null,
  visit uuid not null,
  receiver uuid not null,
  session int not null,
  at bigint not null,
  body bytea not null
);
create index room_message_receiver on visits.room_message (tenant, visit, receiver, id);
create index room_message_at on visits.room_message (at);

-- Connection quality: sums per visit and person, from which the summary is made.
create table visits.quality (
  tenant int not null,
  visit uuid not null,
  account uuid not null,
  sums jsonb not null,
  updated bigint not null,
  primary key (tenant, visit, account)
);

-- Answers of requests that carried an Idempotency-Key: the key as a keyed hash, the answer sealed.
create table visits.idempotency (
  tenant int not null,
  caller uuid not null,
  key bytea not null,
  request bytea not null,
  patient uuid not null,
  answer bytea not null,
  at bigint not null,
  primary key (tenant, caller, key)
);
create index idempotency_at on visits.idempotency (at);

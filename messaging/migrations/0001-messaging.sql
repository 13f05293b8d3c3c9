-- Secure threads: who waits for whom since when. What was written lies in the record as Communications; here are ids, instants
-- and states. Names and keys of attachments, and drafts, are sealed under the patient's key.

create schema if not exists messaging;
grant usage on schema messaging to afar_app;

create table messaging.setting (
  tenant int primary key,
  -- Within so many hours the clinic promises an answer.
  hours int not null,
  -- Practitioners who read for everybody: they are let into a chart while a thread of its patient is open.
  pool uuid[] not null,
  updated bigint not null
);

-- One row a thread; its id is the first Communication's.
create table messaging.thread (
  tenant int not null,
  id uuid not null,
  patient uuid not null,
  state text not null check (state in ('open', 'closed')),
  urgent bool not null default false,
  -- Account of the member of staff who has it; null: the team's.
  assignee uuid,
  created bigint not null,
  last_at bigint not null,
  last_seq bigint not null,
  last_side text not null check (last_side in ('patient', 'staff')),
  -- Since when, and until when, an answer is waited for; null: none is.
  waits bigint,
  due bigint,
  escalated bigint,
  primary key (tenant, id)
);
create index thread_patient on messaging.thread (tenant, patient, last_seq);
create index thread_state on messaging.thread (tenant, state, last_seq);
create index thread_due on messaging.thread (due) where state = 'open' and due is not null and escalated is null;

create table messaging.message (
  tenant int not null,
  -- The Communication.
  id uuid not null,
  thread uuid not null,
  seq bigint generated always as identity,
  account uuid not null,
  side text not null check (side in ('patient', 'staff')),
  at bigint not null,
  -- Keyed hash of account and Idempotency-Key.
  deed bytea not null,
  primary key (tenant, id),
  constraint message_once unique (tenant, deed)
);
create index message_thread on messaging.message (tenant, thread, seq);

create table messaging.seen (
  tenant int not null,
  thread uuid not null,
  account uuid not null,
  side text not null,
  upto bigint not null,
  at bigint not null,
  primary key (tenant, thread, account)
);

create table messaging.draft (
  tenant int not null,
  id uuid not null,
  account uuid not null,
  -- A thread, or for a new one the patient.
  place uuid not null,
  patient uuid not null,
  body bytea not null,
  saved bigint not null,
  primary key (tenant, id),
  constraint draft_place unique (tenant, account, place)
);

create table messaging.attachment (
  tenant int not null,
  -- Also the object's.
  id uuid not null,
  patient uuid not null,
  account uuid not null,
  -- The message it went with; null: not sent yet.
  message uuid,
  type text not null,
  size int not null,
  -- The object's own key.
  key bytea not null,
  name bytea not null,
  created bigint not null,
  primary key (tenant, id)
);
create index attachment_message on messaging.attachment (tenant, message);
create index attachment_unsent on messaging.attachment (created) where message is null;

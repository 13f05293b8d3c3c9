-- What was said and kept in a visit: chat with files, recordings with the consent of everybody seated. What people wrote and the keys of
-- files are sealed under the patient's key; the bytes lie in the object store.

create table visits.chat_message (
  tenant int not null,
  visit uuid not null,
  id uuid not null,
  patient uuid not null,
  -- Order within the visit; none while its file has not come.
  n int,
  at bigint not null,
  -- Patient's or Practitioner's id, or a guest's invitation.
  author uuid not null,
  body bytea not null,
  file_type text,
  file_size bigint,
  file_hash bytea,
  file_object uuid,
  file_key bytea,
  primary key (tenant, visit, id)
);
create unique index chat_order on visits.chat_message (tenant, visit, n) where n is not null;

create table visits.recording (
  tenant int not null,
  id uuid not null,
  visit uuid not null,
  patient uuid not null,
  made_by uuid not null,
  state text not null,
  type text not null,
  made bigint not null,
  ended bigint,
  -- When something was recorded: [{from, until}], ms since epoch. A piece of any other time is not taken.
  spans jsonb not null default '[]',
  key bytea,
  document uuid,
  keep_until bigint,
  primary key (tenant, id)
);
create index recording_of_visit on visits.recording (tenant, visit, made);
-- One at a time.
create unique index recording_running on visits.recording (tenant, visit) where state in ('asking', 'on', 'paused');
create index recording_kept on visits.recording (keep_until) where keep_until is not null;

-- Every yes and no, as it was said; the latest of a person counts.
create table visits.recording_consent (
  tenant int not null,
  recording uuid not null,
  n int generated always as identity,
  person uuid not null,
  agreed boolean not null,
  at bigint not null,
  primary key (tenant, recording, n)
);

create table visits.recording_chunk (
  tenant int not null,
  recording uuid not null,
  n int not null,
  hash bytea not null,
  bytes bigint not null,
  began bigint not null,
  at bigint not null,
  file_object uuid not null,
  file_key bytea not null,
  primary key (tenant, recording, n)
);

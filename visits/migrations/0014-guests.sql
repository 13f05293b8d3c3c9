-- People let into one visit by a link: interpreter, relative, colleague, observer, supervisor. The link's secret lies hashed, her name
-- sealed under the patient's key. She is bound to the browser that opened the link first.
create table visits.invite (
  tenant int not null,
  id uuid not null,
  visit uuid not null,
  patient uuid not null,
  kind text not null,
  state text not null,
  hash bytea not null,
  name bytea not null,
  -- Who invited her: an account, and whether it was the patient's side.
  made_by uuid not null,
  by_patient boolean not null,
  made bigint not null,
  expires bigint not null,
  opened bigint,
  -- A colleague who signed in: her account.
  account uuid,
  -- The patient has agreed to her being there.
  agreed bigint,
  -- Account of the clinician who let her in.
  admitted_by uuid,
  admitted bigint,
  ended bigint,
  primary key (tenant, id)
);
create unique index invite_secret on visits.invite (hash, tenant);
create index invite_of_visit on visits.invite (tenant, visit, made);

-- Browsers of guests: a cookie, hashed. Nothing of the interfaces knows them but the pages of their visit.
create table visits.guest_session (
  tenant int not null,
  hash bytea not null,
  invite uuid not null,
  expires bigint not null,
  primary key (tenant, hash)
);
create index guest_session_of on visits.guest_session (tenant, invite);
create index guest_session_expires on visits.guest_session (expires);

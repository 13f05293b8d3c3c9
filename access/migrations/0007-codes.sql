-- Codes that verify an address, messages on their way out, and what a source or an address may still ask for. No address in the clear.

create table access.code (
  tenant int not null,
  -- sha256 of what the asker was given: only she may try.
  ticket bytea not null,
  purpose text not null collate "C",
  -- HMAC of purpose, address, ticket and the six digits, under the tenant's index key.
  code bytea not null,
  tries int not null default 0,
  spent bigint,
  expires bigint not null,
  primary key (tenant, ticket)
);
create index code_expires on access.code (expires);

-- So many in a window; keys are keyed hashes.
create table access.allowance (
  tenant int not null,
  key bytea not null,
  since bigint not null,
  used int not null,
  primary key (tenant, key)
);
create index allowance_since on access.allowance (since);

-- A message until it is handed over. Its job holds this id alone.
create table access.message (
  tenant int not null,
  id uuid not null,
  channel text not null check (channel in ('mail', 'sms')),
  state text not null default 'waiting' check (state in ('waiting', 'failed')),
  -- What it is for, one word: shown to the office when it failed.
  about text not null collate "C",
  tries int not null default 0,
  -- A process is handing it over, until then at the latest.
  claimed bigint not null default 0,
  created bigint not null,
  -- Of no use to the receiver after this instant.
  until bigint not null,
  -- Why the last try failed: a code of the gateway's protocol, no text of it.
  fault text,
  -- Address, subject and text.
  sealed bytea not null,
  primary key (tenant, id)
);
create index message_created on access.message (created);

-- Kinds of notices a person wants no mail about.
create table access.notice_choice (
  tenant int not null,
  account uuid not null,
  muted text[] not null,
  primary key (tenant, account),
  foreign key (tenant, account) references access.account (tenant, id) on delete cascade
);

grant select, insert, update, delete on
  access.code, access.allowance, access.message, access.notice_choice
  to afar_app;

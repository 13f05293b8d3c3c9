-- Passkeys [WebAuthn 4]: the public half of what an authenticator keeps.
create table access.passkey (
  tenant int not null,
  -- sha256 of the credential id: a browser that says no name is looked for by it.
  hash bytea not null,
  id uuid not null,
  account uuid not null,
  -- The signature counter of the last use: it must grow, unless the authenticator has none (0).
  counter bigint not null,
  created bigint not null,
  last_used bigint,
  -- Credential id, public key, transports, name; bound to the columns above, but for counter and last use, by its AAD.
  sealed bytea not null,
  primary key (tenant, hash),
  constraint passkey_id unique (tenant, id),
  foreign key (tenant, account) references access.account (tenant, id) on delete cascade
);
create index passkey_account on access.passkey (tenant, account);

-- Challenges that were answered: each counts once. Kept until they would be too old anyway.
create table access.spent_challenge (
  tenant int not null,
  hash bytea not null,
  expires bigint not null,
  primary key (tenant, hash)
);
create index spent_challenge_expires on access.spent_challenge (expires);

-- A forgotten password: `recovery` has shown a code that was sent to her, `reset` everything that is asked of the account.
alter table access.session
  drop constraint session_stage_check,
  add constraint session_stage_check check (stage in ('password', 'full', 'recovery', 'reset')),
  -- The browser it was begun in; what is taken from her ends with it. Absent: begun by the release before.
  add column device bytea;

alter table access.device
  add column id uuid not null default gen_random_uuid(),
  -- What she calls it, and where it was last used from. Absent: remembered by the release before.
  add column sealed bytea,
  add constraint device_id unique (tenant, id);

grant select, insert, update, delete on access.passkey, access.spent_challenge to afar_app;

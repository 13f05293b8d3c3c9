-- Share links: a patient lets somebody without an account look, for a while. The secret is nowhere here, only its hash; the PIN's
-- hash is made with the secret, so that a copy of this table cannot be tried against a million PINs.
create table sharing.link (
  tenant int not null,
  -- The principal its grants name.
  id uuid not null,
  patient uuid not null,
  -- Whose account made it.
  maker uuid not null,
  hash bytea not null,
  pin bytea not null,
  -- `chart`, types, or `Type/<id>`: what its grants open.
  classes text[] not null,
  created bigint not null,
  expires bigint not null,
  -- Openings it is good for, and those there were.
  most smallint not null check (most between 1 and 100),
  opened smallint not null default 0 check (opened <= most),
  -- Wrong PINs since the last right one.
  failures smallint not null default 0,
  -- 'revoked' by the patient, 'dead' after too many wrong PINs; absent while it lives.
  ended text collate "C" check (ended in ('revoked', 'dead')),
  ended_at bigint,
  -- What she calls it; sealed under her key.
  note bytea,
  primary key (tenant, id)
);
create unique index link_hash on sharing.link (tenant, hash);
create index link_patient on sharing.link (tenant, patient, created);

-- Each opening: when, by an account of this house or by a guest, who may have said who she is (sealed under the patient's key).
create table sharing.link_opening (
  tenant int not null,
  id uuid not null,
  link uuid not null,
  patient uuid not null,
  at bigint not null,
  account uuid,
  viewer bytea,
  primary key (tenant, id)
);
create index link_opening_link on sharing.link_opening (tenant, link, at);

-- An address that somebody has shown to be hers, on the way to an account.
create table enrolment.proof (
  tenant int not null,
  -- sha256 of what she was given.
  hash bytea not null,
  -- Channel, address, language.
  sealed bytea not null,
  expires bigint not null,
  -- The account that was made with it: the request repeated finds it.
  account uuid,
  primary key (tenant, hash)
);
create index proof_expires on enrolment.proof (expires);

-- A chart whose patient was asked to open her account. The link and the code are known to her alone.
create table enrolment.invitation (
  tenant int not null,
  id uuid not null,
  -- sha256 of the link's secret.
  hash bytea not null,
  -- HMAC of the code under the clinic's index key.
  code bytea not null,
  patient uuid not null,
  -- Account of who invited.
  inviter uuid not null,
  tries int not null default 0,
  created bigint not null,
  expires bigint not null,
  spent bigint,
  primary key (tenant, id),
  unique (tenant, hash)
);
create index invitation_patient on enrolment.invitation (tenant, patient);

grant select, insert, update, delete on enrolment.proof, enrolment.invitation to afar_app;

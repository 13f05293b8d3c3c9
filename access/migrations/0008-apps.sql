-- Apps that people give access to, and where else people may sign in. Details of a client (redirect addresses, keys) are sealed with its name.

-- A client that registered itself waits as `pending` until an administrator gives it scopes: the program knows the words.
alter table access.client drop constraint client_status_check;

-- What one person let one app do, once. The columns are bound to the sealed part.
create table access.app_grant (
  tenant int not null,
  id uuid not null,
  -- sha256 of the authorization server's own id of it: its tokens name the same.
  grant_hash bytea not null,
  account uuid not null,
  client uuid not null,
  scope text not null,
  -- The one record that `patient/` scopes reach.
  patient uuid,
  -- Ends with this session; null: goes on while she is away (offline_access).
  session uuid,
  mfa boolean not null,
  proven bigint not null,
  created bigint not null,
  expires bigint not null,
  -- She need not be asked again for the same until then.
  remember bigint,
  used bigint,
  ended bigint,
  sealed bytea not null,
  primary key (tenant, id),
  unique (grant_hash, tenant),
  foreign key (tenant, account) references access.account (tenant, id) on delete cascade,
  foreign key (tenant, client) references access.client (tenant, id) on delete cascade
);
create index app_grant_account on access.app_grant (tenant, account);
create index app_grant_client on access.app_grant (tenant, client);
create index app_grant_expires on access.app_grant (expires);

-- A clinic's or hospital's own sign-in (OpenID Connect): issuer, client and secret are sealed.
create table access.identity_provider (
  tenant int not null,
  id uuid not null,
  status text not null,
  sealed bytea not null,
  created bigint not null,
  primary key (tenant, id)
);

-- Whose account a subject of an issuer is: sha256 of both, never the subject itself.
create table access.identity_link (
  tenant int not null,
  subject bytea not null,
  provider uuid not null,
  account uuid not null,
  created bigint not null,
  sealed bytea not null,
  primary key (tenant, subject),
  foreign key (tenant, provider) references access.identity_provider (tenant, id) on delete cascade,
  foreign key (tenant, account) references access.account (tenant, id) on delete cascade
);
create index identity_link_account on access.identity_link (tenant, account);

grant select, insert, update, delete on
  access.app_grant, access.identity_provider, access.identity_link
  to afar_app;

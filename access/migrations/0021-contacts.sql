-- How somebody wants to be told of what waits for her, and the browsers that are. Accounts are random ids; addresses of
-- browsers are sealed under the clinic's key.

create table access.contact_choice (
  tenant int not null,
  account uuid not null,
  -- `visits:mail`, `messages:push`: what she wants. No row: what is usual.
  wanted text[] not null,
  -- Minutes of her own clock between which nothing rings; null: none.
  quiet_from smallint check (quiet_from between 0 and 1439),
  quiet_to smallint check (quiet_to between 0 and 1439),
  updated bigint not null,
  primary key (tenant, account),
  foreign key (tenant, account) references access.account (tenant, id) on delete cascade
);

create table access.push_device (
  tenant int not null,
  id uuid not null,
  account uuid not null,
  -- The session that asked; when she ends it, this ends.
  session uuid not null,
  -- The browser (access.device); forgotten with it.
  device bytea,
  -- sha256 of the push service's address: a browser is one row, whoever signs in there.
  endpoint bytea not null,
  created bigint not null,
  used bigint,
  sealed bytea not null,
  primary key (tenant, id),
  constraint push_device_once unique (tenant, endpoint),
  foreign key (tenant, account) references access.account (tenant, id) on delete cascade,
  foreign key (device, tenant) references access.device (hash, tenant) on delete cascade
);
create index push_device_account on access.push_device (tenant, account);
create index push_device_session on access.push_device (tenant, session);
create index push_device_device on access.push_device (device, tenant);

-- A session that is ended by hand, from wherever, takes its pushes along. One that merely grew old does not: reminders
-- are for who is away.
create function access.end_pushes() returns trigger language plpgsql as $$
begin
  delete from access.push_device where tenant = new.tenant and session = new.id;
  return null;
end $$;
create trigger end_pushes after update of revoked on access.session
  for each row when (new.revoked is not null and old.revoked is null) execute function access.end_pushes();

-- Links that end one kind of message by one way: what is in the link is hashed.
create table access.opt_out (
  tenant int not null,
  hash bytea not null,
  account uuid not null,
  -- `visits:mail`
  what text not null,
  primary key (tenant, hash),
  foreign key (tenant, account) references access.account (tenant, id) on delete cascade
);
create index opt_out_account on access.opt_out (tenant, account);

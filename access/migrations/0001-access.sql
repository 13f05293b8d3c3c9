-- Who may do what, and the trail of it. Times are bigint ms since epoch. Personal data is sealed.

create table access.account (
  tenant int not null,
  id uuid not null,
  -- HMAC of the lower-cased e-mail under the tenant's index key.
  email_token bigint not null,
  role text not null
    check (role in ('administrator', 'practitioner', 'nurse', 'patient', 'auditor')),
  status text not null default 'active' check (status in ('active', 'disabled')),
  fhir_type text check (fhir_type in ('Practitioner', 'Patient', 'RelatedPerson')),
  fhir_id uuid,
  -- Has a second factor: the secret itself is in `sealed`.
  totp boolean not null,
  -- E-mail, name, locale, zone, password hash, TOTP secret; bound to the columns above by its AAD.
  sealed bytea not null,
  version int not null default 1,
  -- The last TOTP counter that was accepted: a code works once.
  totp_counter bigint not null default 0,
  created bigint not null,
  last_sign_in bigint,
  primary key (tenant, id),
  unique (tenant, email_token),
  check ((fhir_type is null) = (fhir_id is null))
);
create unique index account_fhir_user on access.account (tenant, fhir_type, fhir_id)
  where fhir_id is not null;

create table access.session (
  -- sha256 of the cookie: a stolen table opens no session.
  hash bytea primary key,
  id uuid not null unique,
  tenant int not null,
  account uuid not null,
  -- A password alone, or everything that is asked of this account.
  stage text not null check (stage in ('password', 'full')),
  mfa boolean not null,
  created bigint not null,
  last_seen bigint not null,
  idle_ms bigint not null,
  expires bigint not null,
  -- IP and browser at sign-in.
  origin bytea not null,
  failures int not null default 0,
  revoked bigint,
  foreign key (tenant, account) references access.account (tenant, id) on delete cascade
);
create index session_account on access.session (tenant, account);
create index session_expires on access.session (expires);

-- Browsers an account has signed in from: a stranger's guesses do not lock these out.
create table access.device (
  hash bytea primary key,
  tenant int not null,
  account uuid not null,
  created bigint not null,
  last_seen bigint not null,
  foreign key (tenant, account) references access.account (tenant, id) on delete cascade
);

-- Failed tries per source, per account (strangers) and per known device; keys are keyed hashes.
create table access.throttle (
  key bytea primary key,
  failures int not null,
  blocked_until bigint not null,
  touched bigint not null
);
create index throttle_touched on access.throttle (touched);

create table access.client (
  tenant int not null,
  id uuid not null,
  client_id text not null collate "C",
  secret_hash bytea not null,
  scope text not null,
  wildcard boolean not null,
  status text not null default 'active' check (status in ('active', 'disabled')),
  -- Name; bound to the columns above by its AAD.
  sealed bytea not null,
  created bigint not null,
  primary key (tenant, id),
  unique (tenant, client_id)
);

-- What the authorization server keeps: ids hashed, payload sealed.
create table access.oauth (
  tenant int not null,
  kind text not null,
  hash bytea not null,
  client_id text collate "C",
  scope text,
  grant_hash bytea,
  sealed bytea not null,
  expires bigint,
  consumed bigint,
  primary key (hash, kind)
);
create index oauth_expires on access.oauth (expires);
create index oauth_grant on access.oauth (grant_hash) where grant_hash is not null;

-- Private signing keys, sealed.
create table access.signing_key (
  tenant int not null,
  kid text not null,
  purpose text not null,
  sealed bytea not null,
  created bigint not null,
  primary key (tenant, kid)
);

-- The trail. One row an event; partitions by month of `at`, kept six years.
create table access.audit_event (
  tenant int not null,
  at bigint not null,
  -- UUIDv7 of `at`.
  id uuid not null,
  request text not null,
  who uuid not null,
  role text not null,
  -- IP and device.
  origin bytea not null,
  verb "char" not null check (verb in ('C', 'R', 'U', 'D', 'E')),
  action text not null,
  type text,
  rid text,
  patients uuid[],
  purpose text not null,
  outcome smallint not null check (outcome in (0, 4, 8)),
  params text[],
  body_hash bytea,
  boot uuid not null,
  -- Only events of write transactions: the linker chains them in this order after their commit.
  xid xid8,
  seq bigint,
  primary key (tenant, at, id)
) partition by range (at);
create table access.audit_event_default partition of access.audit_event default;
create index audit_event_who on access.audit_event (tenant, who, at);
create index audit_event_deferred on access.audit_event (boot, xid, seq) where xid is not null;

create sequence access.audit_seq cache 64;

-- The hash chain: each link covers a batch of events, in order, one digest of 32 bytes each.
-- hash(n) folds its digests over hash(n - 1): h = sha256(h || digest).
create table access.audit_link (
  chain uuid not null,
  n bigint not null,
  at bigint not null,
  events uuid[] not null,
  digests bytea not null,
  hash bytea not null,
  -- For links over write transactions: whose, and up to which event.
  boot uuid,
  upto_xid xid8,
  upto_seq bigint,
  primary key (chain, n)
);
create index audit_link_upto on access.audit_link (boot, upto_xid, upto_seq)
  where boot is not null;

-- A process says twice a day that it lives.
create table access.audit_boot (boot uuid not null, at bigint not null, primary key (boot, at));
-- A boot whose every event is linked.
create table access.audit_boot_end (boot uuid primary key, at bigint not null);

-- Makes the partitions of the month of `at` and of the `ahead` months after it. As owner, so that the
-- application needs no right to create tables. A month whose rows are in the default already stays there.
create function access.ensure_audit_months(at bigint, ahead int) returns int
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  month timestamp := date_trunc('month', to_timestamp(at / 1000.0) at time zone 'UTC');
  starts bigint;
  ends bigint;
  name text;
  made int := 0;
begin
  if ahead not between 0 and 24 then
    raise exception 'ahead must be between 0 and 24';
  end if;
  perform pg_advisory_xact_lock(hashtext('access.ensure_audit_months'));
  for i in 0 .. ahead loop
    starts := extract(epoch from month + make_interval(months => i)) * 1000;
    ends := extract(epoch from month + make_interval(months => i + 1)) * 1000;
    name := 'audit_event_' || to_char(month + make_interval(months => i), 'YYYYMM');
    if to_regclass('access.' || name) is null
      and not exists (
        select from access.audit_event_default d where d.at >= starts and d.at < ends
      ) then
      execute format(
        'create table access.%I partition of access.audit_event for values from (%s) to (%s)',
        name, starts, ends
      );
      -- Rows are reached through the parent only; the schema's default rights would allow UPDATE.
      execute format('revoke all on access.%I from afar_app', name);
      made := made + 1;
    end if;
  end loop;
  return made;
end
$$;
revoke all on function access.ensure_audit_months(bigint, int) from public;

grant usage on schema access to afar_app, afar_audit;
grant select, insert, update, delete on
  access.account, access.session, access.device, access.throttle, access.client, access.oauth,
  access.signing_key
  to afar_app;
-- The trail is only ever added to: the schema's default rights are taken back.
revoke all on
  access.audit_event, access.audit_event_default, access.audit_link, access.audit_boot,
  access.audit_boot_end
  from afar_app;
grant select, insert on
  access.audit_event, access.audit_link, access.audit_boot, access.audit_boot_end
  to afar_app;
grant insert on
  access.audit_event, access.audit_link, access.audit_boot, access.audit_boot_end
  to afar_audit;
grant usage on sequence access.audit_seq to afar_app, afar_audit;
grant execute on function access.ensure_audit_months(bigint, int) to afar_app;

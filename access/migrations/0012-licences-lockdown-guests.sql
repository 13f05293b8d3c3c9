-- What a clinician may practise, and where, until when. What a decision reads stands in the clear and is bound to the seal beside
-- it; number, authority, profession and words of refusal are sealed. Instants are ms since epoch.
create table access.licence (
  tenant int not null,
  id uuid not null,
  account uuid not null,
  -- The FHIR Practitioner: visits, signatures and prescriptions name her by it.
  practitioner uuid not null,
  version int not null,
  state text collate "C" not null check (state in ('submitted', 'verified', 'rejected', 'suspended')),
  -- ISO 3166-1 alpha-2 or 3166-2 codes.
  jurisdictions text[] not null check (cardinality(jurisdictions) between 1 and 60),
  expires bigint not null,
  entered_by uuid not null,
  entered_at bigint not null,
  decided_by uuid,
  decided_at bigint,
  -- The least number of days before the end of which was warned; 0: the end itself was told.
  warned smallint not null default 32767,
  sealed bytea not null,
  primary key (tenant, id),
  foreign key (tenant, account) references access.account (tenant, id) on delete cascade,
  -- The last gate: nobody verifies her own, nor what she entered.
  check (state <> 'verified' or (decided_by is not null and decided_by <> entered_by and decided_by <> account))
);
create index licence_practitioner on access.licence (tenant, practitioner);
create index licence_account on access.licence (tenant, account);
grant select, insert, update, delete on access.licence to afar_app;

-- Who is locked down: a row while it is. Tenant 0 is the whole installation.
create table access.lockdown (
  tenant int not null,
  mode text collate "C" not null check (mode in ('read-only', 'closed')),
  since bigint not null,
  -- Account, or the id of the operator at the machine.
  engaged_by uuid not null,
  -- Whose key seals the reason.
  home int not null,
  sealed bytea not null,
  primary key (tenant)
);
grant select, insert, update, delete on access.lockdown to afar_app;

-- A browser that showed a share link and its PIN: a session of its own kind, without an account.
create table access.guest (
  tenant int not null,
  hash bytea not null,
  id uuid not null,
  link uuid not null,
  created bigint not null,
  expires bigint not null,
  primary key (hash, tenant),
  unique (tenant, id)
);
create index guest_link on access.guest (tenant, link);
grant select, insert, update, delete on access.guest to afar_app;

-- Consent: denials of a type, of one row, for a purpose, for a time, of everybody; with exceptions.
-- A denial of everybody has the nil uuid as its principal; it never concerns the patient herself, nor the house.

alter table records.deny
  -- '' = of every type.
  add column type text collate "C" not null default '',
  -- null = of every row.
  add column rid uuid,
  -- '' = whatever for.
  add column purpose text collate "C" not null default '',
  add column starts bigint not null default 0,
  -- 9999-12-31
  add column ends bigint not null default 253402214400000,
  -- Rows of one provision and their exceptions share it.
  add column rule int not null default 0,
  -- An exception: whom and what it names, the other rows of its rule do not shut out.
  add column spares boolean not null default false,
  -- Stands in an emergency too.
  add column firm boolean not null default false,
  -- Tells the rows of one source apart; later versions of a source count on.
  add column n bigint not null default 0;
alter table records.deny drop constraint deny_pkey;
alter table records.deny add primary key (tenant, principal, patient, label, source, n);

-- Nobody is granted anything by the name of everybody.
alter table records."grant" add constraint grant_somebody
  check (principal <> '00000000-0000-0000-0000-000000000000');

-- Charts opened in an emergency: who, whose, until when, and what the privacy officer made of it. The words are sealed.

create table sharing.break_glass (
  tenant int not null,
  id uuid not null,
  patient uuid not null,
  account uuid not null,
  role text collate "C" not null,
  -- A code of ours: what kind of emergency. The person's own words are in `sealed`.
  reason text collate "C" not null,
  sealed bytea not null,
  -- ms since epoch; the grant ends with `ends`, or earlier with `ended`.
  starts bigint not null,
  ends bigint not null,
  ended bigint,
  ended_by uuid,
  -- 'accepted' or 'questioned' by the privacy officer, with words of hers.
  decision text collate "C" check (decision in ('accepted', 'questioned')),
  decided bigint,
  decided_by uuid,
  question bytea,
  primary key (tenant, id)
);
create index break_glass_newest on sharing.break_glass (tenant, starts desc, id);
create index break_glass_of_account on sharing.break_glass (tenant, account, starts);

-- How often somebody looked for a patient to open in an emergency, lately.
create table sharing.emergency_search (
  tenant int not null,
  account uuid not null,
  at bigint not null,
  id uuid not null,
  primary key (tenant, account, at, id)
);

grant select, insert, update on sharing.break_glass to afar_app;
grant select, insert, delete on sharing.emergency_search to afar_app;

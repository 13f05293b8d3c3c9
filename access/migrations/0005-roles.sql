-- Roles are the program's own (access/caller.ts), bound to the sealed part of the row: a list here would only lag behind it.
alter table access.account drop constraint account_role_check;

-- When all factors were last shown: signing and exports ask for a fresh proof.
alter table access.session add column proven bigint not null default 0;

-- What a person should know of her account or chart.
create table access.notice (
  tenant int not null,
  id uuid not null,
  account uuid not null,
  kind text collate "C" not null,
  at bigint not null,
  read bigint,
  sealed bytea not null,
  primary key (tenant, id),
  foreign key (tenant, account) references access.account (tenant, id) on delete cascade
);
create index notice_account on access.notice (tenant, account, at);
grant select, insert, update, delete on access.notice to afar_app;

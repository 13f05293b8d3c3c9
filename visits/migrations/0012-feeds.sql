-- Calendars that people subscribe to by a secret address: its hash, whose times, and what an entry says.
create table visits.feed (
  tenant int not null,
  id uuid not null,
  secret bytea not null,
  account uuid not null,
  person uuid not null,
  kind text not null,
  words text not null,
  since bigint not null,
  read_at bigint,
  primary key (tenant, id)
);
create unique index feed_secret on visits.feed (tenant, secret);
create index feed_of_account on visits.feed (tenant, account, since);

-- The tenant in every unique key: docs/decisions/0009-sharding.md.
alter table visits.ticket
  drop constraint ticket_pkey,
  add primary key (hash, tenant);

-- The tenant in every unique key: docs/decisions/0009-sharding.md. The feed reads in the order of the first two.
alter table records.change
  drop constraint change_pkey,
  add primary key (xid, seq, tenant);

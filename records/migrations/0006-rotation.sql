-- Where a rotation of keys stands, so that one that was broken off goes on: the step, the store it is in and the last row.
-- Ids and counts only.
create table records.rotation (
  tenant int not null,
  kind text collate "C" not null check (kind in ('data', 'index')),
  step text collate "C" not null,
  -- Keys made before this are changed, ms.
  started bigint not null,
  store text collate "C",
  cursor text,
  seen bigint not null default 0,
  moved bigint not null default 0,
  updated bigint not null,
  finished bigint,
  primary key (tenant, kind)
);

-- The version of the index key a token was made with: what stands under an older one is dropped when a rotation has ended.
alter table records.alias add column index_version int not null default 1;

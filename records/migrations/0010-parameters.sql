-- Search parameters of a clinic's own: one row for each stored SearchParameter, and how far its index is built. What the parameter
-- says stands in the sealed resource only.
create table records.parameter (
  tenant int not null,
  rid uuid not null,
  -- The version of the resource this row speaks of.
  version int not null,
  -- ignored (a draft, retired, deleted, or the standard's own), announced, building, ready
  state text collate "C" not null,
  announced bigint not null,
  xid xid8 not null default pg_current_xact_id(),
  -- The last row that was looked at, and how many were, of how many there were at the beginning.
  after_type text collate "C",
  after_rid uuid,
  seen bigint not null default 0,
  moved bigint not null default 0,
  total bigint not null default 0,
  updated bigint not null,
  primary key (tenant, rid)
);

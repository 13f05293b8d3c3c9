-- History of a type, newest first, is a range of this index; that of the whole clinic merges one range for each type.
-- Cheap to write: every entry comes at the end of its type's range.
create index change_of_type on records.change (tenant, type, at, xid, seq);

-- What was created on a condition that found nothing the caller may see. Whether something hidden matched is looked at
-- afterwards, by the house itself, in the same way whether or not there is one: the caller cannot tell.
-- `condition` is sealed: it holds identifiers.
create table records.twin_check (
  tenant int not null,
  id uuid not null,
  type text collate "C" not null,
  rid uuid not null,
  condition bytea not null,
  at bigint not null,
  primary key (tenant, id)
);

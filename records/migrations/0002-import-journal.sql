-- Files that an import has finished with: a second run skips them unread. What was imported is recognised by the ids
-- derived from it; this is only the short cut. The key is a keyed hash of the file's content: no name, no path.
create table records.import_journal (
  tenant int not null,
  key bytea not null,
  resources int not null,
  at bigint not null,
  primary key (tenant, key)
);

-- Every unique key holds the tenant, so that tables can be spread by it (docs/decisions/0009-sharding.md). The hash stays in
-- front: a session is looked for by its cookie's hash alone.
alter table access.session
  drop constraint session_pkey,
  add primary key (hash, tenant),
  drop constraint session_id_key,
  add constraint session_id unique (tenant, id);

-- The programs of the release before name `(hash)` and `(hash, kind)` in their upserts: their keys go with the next one.
alter table access.device add constraint device_key unique (hash, tenant);
alter table access.oauth add constraint oauth_key unique (hash, kind, tenant);

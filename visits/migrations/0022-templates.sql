-- Words to write notes and orders with: the clinic's (owner null) or one clinician's, sealed under the clinic's key. They name what
-- to read from a chart and never hold any of it.
create table visits.template (
  tenant int not null,
  id uuid not null,
  owner uuid,
  kind text not null check (kind in ('note', 'phrase', 'orders')),
  revision int not null,
  body bytea not null,
  updated bigint not null,
  primary key (tenant, id)
);
create index template_of on visits.template (tenant, owner, kind);

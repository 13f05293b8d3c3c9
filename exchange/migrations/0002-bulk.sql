-- Bulk data: exports and imports under way, and the files they made. Random ids, names of resource types, counts and instants (ms
-- since epoch) in the clear; what was asked for is sealed under a key of the job's own, and so are its files.

create schema if not exists exchange;

create table exchange.bulk_job (
  tenant int not null,
  id uuid not null,
  kind text not null check (kind in ('export', 'import')),
  state text not null check (state in ('running', 'done', 'failed')),
  -- Account or client it works for; for nobody else it is there. Bound to `sealed`.
  creator uuid not null,
  -- The key that seals the request and the files: erased with the job, so that no copy of it is left to be read.
  kid uuid not null,
  sealed bytea not null,
  -- Whose charts, for a job that keeps to some: sealed, made when it begins, so that the walk has one order.
  roster bytea,
  made bigint not null,
  -- Transactions that were running when it was asked for have ended before it reads.
  settle xid8 not null default pg_snapshot_xmax(pg_current_snapshot()),
  -- Where the work goes on; ids and counts only.
  place jsonb not null,
  step int not null default 0,
  steps int not null default 0,
  -- Why it failed: a word of our own.
  fault text,
  expires bigint not null,
  -- The last look at its status.
  polled bigint not null default 0,
  -- Whose turn it is to work on it, and until when.
  holder uuid,
  lease bigint not null default 0,
  attempts int not null default 0,
  primary key (tenant, id)
);
create index bulk_job_creator on exchange.bulk_job (tenant, creator);
create index bulk_job_lease on exchange.bulk_job (lease) where state = 'running';
create index bulk_job_expires on exchange.bulk_job (expires);

create table exchange.bulk_file (
  tenant int not null,
  job uuid not null,
  number int not null,
  kind text not null check (kind in ('output', 'deleted', 'error', 'input')),
  type text not null,
  -- The step of the plan, or the input, that it came from.
  source int not null,
  count int not null,
  bytes bigint not null,
  -- Whose data is in it.
  patients uuid[] not null,
  -- What its maker was denied when it was written (records/walk/rights.ts).
  standing bytea,
  primary key (tenant, job, number),
  foreign key (tenant, job) references exchange.bulk_job (tenant, id) on delete cascade
);

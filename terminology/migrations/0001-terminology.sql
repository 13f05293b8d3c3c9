-- Code systems that an operator loaded from files: LOINC, SNOMED CT, RxNorm, ICD-10 and his own. No patient in any of it.

create table terminology.code_system (
  id int generated always as identity primary key,
  url text collate "C" not null,
  version text collate "C" not null,
  kind text not null,
  name text not null,
  language text not null default 'en',
  -- 'loading': being filled, seen by nobody; 'ready': in force; 'retired': replaced, its rows are about to go.
  state text not null check (state in ('loading', 'ready', 'retired')),
  concepts int not null default 0,
  hierarchical boolean not null default false,
  properties jsonb not null default '[]',
  -- What was read: a second load of the same files does nothing.
  fingerprint text not null,
  loaded bigint not null
);
-- A half-loaded version never stands beside a whole one under the same name.
create unique index code_system_ready on terminology.code_system (url, version) where state = 'ready';

-- One partition a loaded version, filled and indexed before it is attached. `id` counts from 1 in the order of the file.
-- `ancestors` holds the ids of everything above a concept, and its own: see docs/decisions/0006-subsumption.md.
create table terminology.concept (
  system int not null,
  id int not null,
  code text collate "C" not null,
  display text not null,
  definition text,
  inactive boolean not null,
  abstract boolean not null,
  parents int[] not null,
  ancestors int[] not null,
  -- How many are below it.
  below int not null,
  properties jsonb not null,
  designations jsonb not null,
  words tsvector not null,
  primary key (system, id)
) partition by list (system);
create unique index concept_code on terminology.concept (system, code);
create index concept_found on terminology.concept using gin (ancestors, parents, properties jsonb_path_ops, words);

-- Value sets that come with a system and keep an order of their own: LOINC's answer lists.
create table terminology.value_set (
  system int not null references terminology.code_system on delete cascade,
  url text collate "C" not null,
  title text not null,
  codes text[] not null,
  primary key (system, url)
);
create index value_set_url on terminology.value_set (url);

-- Loaded by the owner from the command line; the application only reads.
revoke insert, update, delete on terminology.code_system, terminology.concept, terminology.value_set from afar_app;

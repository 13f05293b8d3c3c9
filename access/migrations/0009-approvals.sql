-- What one asks and another decides: accounts that reach charts, second factors, clients, the end of a lockdown.
create table access.approval (
  tenant int not null,
  id uuid not null,
  kind text collate "C" not null,
  state text collate "C" not null check (state in ('open', 'approved', 'refused', 'withdrawn')),
  asker uuid not null,
  asker_role text collate "C" not null,
  -- The account that gains by it: it can neither ask nor decide.
  beneficiary uuid,
  asked bigint not null,
  expires bigint not null,
  decided bigint,
  decider uuid,
  -- What is asked; bound to the columns above by its AAD.
  sealed bytea not null,
  primary key (tenant, id),
  check ((state = 'open') = (decided is null)),
  -- The last gate, below the program: nobody approves what she asked for or gains by.
  check (state <> 'approved' or (decider <> asker and decider is distinct from beneficiary))
);
create index approval_asker on access.approval (tenant, asker) where state = 'open';
grant select, insert, update on access.approval to afar_app;

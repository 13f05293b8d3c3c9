-- A note that its author may not sign waits for a supervisor: composition is there, signed_at is not.
alter table visits.visit add column supervisor uuid;
create index visit_cosign on visits.visit (tenant, supervisor, starts)
  where supervisor is not null and signed_at is null;

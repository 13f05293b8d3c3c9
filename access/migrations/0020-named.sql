-- Which groups somebody belongs to matter to a request: those that a grant or a denial names, and those that are themselves in a
-- group. A clinician has a care team for each of her patients, most of which let in their own participants only; to read four
-- hundred of them with her session cost more than her search.

create table access.named (
  tenant int not null,
  -- What a grant or a denial has ever named as its principal, or what is itself a member of something. Never taken back: one
  -- group too many among somebody's principals opens and shuts nothing.
  principal uuid not null,
  primary key (tenant, principal)
);
grant select, insert on access.named to afar_app;

alter table access.membership add column counts bool not null default false;
create index membership_principal on access.membership (tenant, principal);
create index membership_counts on access.membership (tenant, person) include (principal, starts, ends) where counts;

-- Who names a group and who enters it wait for each other, each then looks with a new snapshot: whichever comes second sees the
-- other, so that a denial counts from the moment of its commit. (Transactions are read committed: each statement of a function
-- sees what is committed when it begins.) Seed: any number that is used for nothing else.
create function access.named_lock(tenant int, principal uuid) returns bigint language sql immutable
  return hashtextextended(tenant || ' ' || principal, 7346220);

create function access.name_principal() returns trigger language plpgsql as $$
begin
  insert into access.named (tenant, principal) values (new.tenant, new.principal) on conflict do nothing;
  return null;
end $$;

create function access.named_counts() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(access.named_lock(new.tenant, new.principal));
  update access.membership m set counts = true
    where m.tenant = new.tenant and m.principal = new.principal and not m.counts;
  return null;
end $$;
create trigger named_counts after insert on access.named for each row execute function access.named_counts();

create function access.joined_counts() returns trigger language plpgsql as $$
begin
  insert into access.named (tenant, principal)
    select distinct j.tenant, j.person from joined j order by 1, 2 on conflict do nothing;
  perform pg_advisory_xact_lock_shared(access.named_lock(j.tenant, j.principal))
    from (select distinct tenant, principal from joined order by 1, 2) j;
  update access.membership m set counts = true from joined j, access.named n
    where m.tenant = j.tenant and m.person = j.person and m.principal = j.principal and m.source = j.source
      and not m.counts and n.tenant = j.tenant and n.principal = j.principal;
  return null;
end $$;
create trigger joined_counts after insert on access.membership referencing new table as joined
  for each statement execute function access.joined_counts();

insert into access.named (tenant, principal) select distinct tenant, person from access.membership;

-- The clinics of this installation. A clinic's name and its addresses are public: nothing here is of a person.
create table platform.tenant (
  id int primary key check (id > 0),
  name text not null,
  status text not null check (status in ('active', 'suspended')),
  region text not null default 'home',
  created bigint not null -- ms since the epoch
);
insert into platform.tenant (id, name, status, created) values (1, 'Clinic', 'active', 0);

-- By which host names each is reached: lower case, without a port. Tenant 1 is also reached by the base address.
create table platform.host (
  name text primary key check (name = lower(name) and name <> ''),
  of_tenant int not null references platform.tenant
);
create index host_tenant on platform.host (of_tenant);

revoke delete on platform.tenant from afar_app;

-- The tenant a connection bears; null, which equals nothing, when it bears none.
create function platform.tenant() returns int
  language sql stable parallel safe as
  $$ select nullif(current_setting('afar.tenant', true), '')::int $$;

-- Row-level security, forced, on every table with a column `tenant` that has it not yet, partitions included:
-- the application sees the tenant its connection bears, the house and the owner see all, the trail's role only adds.
-- Run after every migration, and by the application after it made partitions.
create function platform.guard_tenants() returns int
  language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  one record;
  made int := 0;
begin
  for one in
    select c.oid::regclass as name
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant' and not a.attisdropped
    where c.relkind in ('r', 'p') and c.relowner = 'afar_owner'::regrole
      and not exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'tenant')
    order by c.oid
  loop
    execute format('alter table %s enable row level security', one.name);
    execute format('alter table %s force row level security', one.name);
    execute format('create policy tenant on %s to afar_app using (tenant = platform.tenant())', one.name);
    execute format('create policy house on %s to afar_house, afar_owner using (true)', one.name);
    if has_table_privilege('afar_audit', one.name, 'insert') then
      execute format('create policy trail on %s for insert to afar_audit with check (true)', one.name);
    end if;
    made := made + 1;
  end loop;
  return made;
end
$$;
revoke all on function platform.guard_tenants() from public;
grant execute on function platform.guard_tenants() to afar_app;

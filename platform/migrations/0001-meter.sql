-- What each tenant used, an hour at a time. Amounts only: no person, no address.
create table platform.meter (
  tenant int not null,
  metric text not null check (metric in ('requests', 'cpu_us', 'egress_bytes', 'storage_bytes')),
  hour bigint not null, -- start of the hour, ms since the epoch
  amount bigint not null,
  primary key (tenant, metric, hour)
);

-- The record of migrations is for the owner to write.
revoke insert, update, delete on platform.migration from afar_app;
grant select on platform.migration to afar_app;

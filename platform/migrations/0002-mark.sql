-- What this installation has been through once and for all, such as being filled with the demo clinic.
create table platform.mark (
  name text primary key,
  value text not null,
  at bigint not null -- ms since the epoch
);

-- What people act as and belong to: roles, organisations, care teams. Written by records with the PractitionerRole or CareTeam
-- that says so; random ids and instants only. A grant or a denial that names one of these reaches everybody in it.

create table access.membership (
  tenant int not null,
  -- A Practitioner, or a role or organisation that is itself in a team.
  person uuid not null,
  principal uuid not null,
  -- `PractitionerRole/<rid>`
  source text collate "C" not null,
  -- ms since epoch, end exclusive.
  starts bigint not null,
  ends bigint not null,
  primary key (tenant, person, principal, source)
);
create index membership_source on access.membership (source, tenant);

grant select, insert, update, delete on access.membership to afar_app;

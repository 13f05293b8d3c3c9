-- Where the patient says she is at a visit: a country or region, sealed under her key. The latest of a patient is what her next
-- booking is offered.
create table visits.place (
  tenant int not null,
  visit uuid not null,
  patient uuid not null,
  at bigint not null,
  body bytea not null,
  primary key (tenant, visit)
);
create index place_of_patient on visits.place (tenant, patient, at);

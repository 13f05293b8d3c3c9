-- Pictures from the patient's camera, asked for in a call and kept in the chart when she agreed.
create table visits.still (
  tenant int not null,
  visit uuid not null,
  id uuid not null,
  state text not null,
  asked_by uuid not null,
  asked bigint not null,
  answered bigint,
  media uuid,
  kept bigint,
  primary key (tenant, visit, id)
);

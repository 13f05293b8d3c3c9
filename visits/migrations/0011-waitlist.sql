-- People who wait for an earlier time, and the offers made to them one at a time. What she said of herself is sealed.
create table visits.waitlist (
  tenant int not null,
  id uuid not null,
  patient uuid not null,
  -- Who joined: told of offers beside the patient.
  account uuid not null,
  clinicians uuid[] not null,
  mode text not null,
  -- Wall-clock dates of the clinician's zone, both inclusive.
  first date not null,
  last date not null,
  days smallint[],
  times jsonb,
  notice_minutes int not null,
  urgent boolean not null,
  -- An appointment that she gives up for the earlier time.
  instead uuid,
  state text not null,
  made bigint not null,
  -- Offers that ran out unanswered.
  missed smallint not null default 0,
  appointment uuid,
  body bytea not null,
  primary key (tenant, id)
);
create index waitlist_turn on visits.waitlist (tenant, urgent desc, made, id) where state = 'waiting';
create index waitlist_of_patient on visits.waitlist (tenant, patient, made);

create table visits.offer (
  tenant int not null,
  id uuid not null,
  entry uuid not null,
  clinician uuid not null,
  starts bigint not null,
  ends bigint not null,
  state text not null,
  made bigint not null,
  expires bigint not null,
  primary key (tenant, id)
);
-- One offer at a time to one person, and no time twice.
create unique index offer_open on visits.offer (tenant, entry) where state = 'open';
create unique index offer_once on visits.offer (tenant, entry, clinician, starts);
create index offer_expires on visits.offer (expires) where state = 'open';

-- Who booked: told of changes beside the patient, who may have no account of her own.
alter table visits.visit add column booked_by uuid;

-- How the connection of an ended visit was, for the clinic as a whole: no person, no instant, only the day.
create table visits.visit_quality (
  tenant int not null,
  visit uuid not null,
  day date not null,
  -- As it was booked, and as it was held.
  booked text not null,
  held text not null,
  rating text not null check (rating in ('good', 'fair', 'poor', 'unknown')),
  -- Video was given up for voice at least once, by either end.
  audio_only bool not null,
  rtt_ms real,
  loss real,
  concealed real,
  primary key (tenant, visit)
);
create index visit_quality_day on visits.visit_quality (tenant, day);

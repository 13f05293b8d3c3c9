-- Surveys after visits. That somebody answered stands beside her visit; what was answered does not: it has a random id, the
-- week, the clinician and the mode, and no instant. Comments are sealed under the clinic's key.

create table visits.survey (
  tenant int not null,
  visit uuid not null,
  patient uuid not null,
  clinician uuid not null,
  mode text not null,
  ended bigint not null,
  state text not null check (state in ('open', 'answered', 'skipped')),
  -- Who is told of it was laid out.
  told bool not null default false,
  primary key (tenant, visit)
);

create table visits.survey_answer (
  tenant int not null,
  id uuid not null,
  -- Monday of the week in UTC, ms since epoch.
  week bigint not null,
  clinician uuid not null,
  mode text not null,
  -- linkId of the question: a whole number.
  scores jsonb not null,
  comment bytea,
  primary key (tenant, id)
);
create index survey_answer_week on visits.survey_answer (tenant, week);

create index visit_ended on visits.visit (ended_at) where state = 'ended';

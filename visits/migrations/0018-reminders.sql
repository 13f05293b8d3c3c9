-- Reminders: what is due when, to whom, by which way, and what became of it. Ids, instants and codes; addresses are looked up
-- when one is handed over, texts are made then, and nothing of them is kept.

-- A clinic's own rules; no row: the usual ones.
create table visits.reminder_rule (
  tenant int primary key,
  revision int not null,
  rules jsonb not null,
  updated bigint not null
);

-- For which start, and under which rules, a visit's reminders were laid out.
create table visits.reminder_plan (
  tenant int not null,
  visit uuid not null,
  starts bigint not null,
  revision int not null,
  planned bigint not null,
  primary key (tenant, visit)
);

create table visits.reminder (
  tenant int not null,
  id uuid not null,
  kind text not null,
  -- The visit, or what else it is of.
  subject uuid not null,
  account uuid not null,
  way text not null check (way in ('app', 'mail', 'sms', 'push')),
  rule text not null,
  -- The instant it reminds of, as it was when this was laid out: a visit that was moved has another.
  about bigint not null,
  due bigint not null,
  -- Worth nothing from then on.
  until bigint not null,
  -- planned -> handing -> sent | unknown; planned again when the gateway certainly took nothing; failed; dropped (`fault` says why).
  state text not null default 'planned'
    check (state in ('planned', 'handing', 'sent', 'unknown', 'failed', 'dropped')),
  tries smallint not null default 0,
  fault text,
  changed bigint not null,
  primary key (tenant, id),
  -- One thing is told one person by one way once.
  constraint reminder_once unique (tenant, kind, subject, account, way, rule, about)
);
create index reminder_due on visits.reminder (due) where state = 'planned';
create index reminder_handing on visits.reminder (changed) where state = 'handing';
create index reminder_changed on visits.reminder (changed) where state in ('sent', 'unknown', 'failed', 'dropped');

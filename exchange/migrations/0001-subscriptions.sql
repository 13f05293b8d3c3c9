-- Subscriptions, their numbered events, and how far the feed of changes was read. Random ids, counters, instants (ms since epoch)
-- and states in the clear; criteria, endpoints, headers and what an event was about are sealed under the clinic's key.

create schema if not exists exchange;

create table exchange.subscription (
  tenant int not null,
  id uuid not null,
  -- Account or client it runs as; nobody else sees it.
  creator uuid not null,
  version int not null,
  updated bigint not null,
  status text not null check (status in ('requested', 'active', 'error', 'off')),
  channel text not null check (channel in ('rest-hook', 'websocket')),
  -- The resource and what is kept of the caller; bound to the columns above by its AAD.
  sealed bytea not null,
  -- When it ends by its own word.
  ends bigint,
  -- What was committed when it became active: changes in it are older than the wish to be told.
  since text,
  -- Number of the last event, and of the last that was delivered.
  events bigint not null default 0,
  sent bigint not null default 0,
  -- When there is something to deliver; null: nothing.
  next_at bigint,
  failures int not null default 0,
  -- When the last notification arrived.
  told_at bigint not null default 0,
  -- Whose turn it is to deliver, and until when.
  holder uuid,
  lease bigint not null default 0,
  primary key (tenant, id)
);
create index subscription_creator on exchange.subscription (tenant, creator, id);
create index subscription_due on exchange.subscription (next_at) where next_at is not null;

create table exchange.subscription_event (
  tenant int not null,
  subscription uuid not null,
  number bigint not null,
  at bigint not null,
  -- Which resource and what happened to it: a subscription's list of equal codes is not for who steals the table.
  sealed bytea not null,
  primary key (tenant, subscription, number)
);
create index subscription_event_at on exchange.subscription_event (at);

-- The place up to which the feed of changes was matched: led by one process at a time. `generation` counts changes of what has to
-- be matched; whoever reads changes reads it in the same statement.
create table exchange.cursor (
  name text primary key,
  xid xid8 not null,
  seq bigint not null,
  holder uuid,
  lease bigint not null default 0,
  generation bigint not null default 0
);

-- Tokens that open a socket: hashed, for one use, for a minute.
create table exchange.binding_token (
  hash bytea primary key,
  tenant int not null,
  creator uuid not null,
  subscriptions uuid[] not null,
  expires bigint not null
);
create index binding_token_expires on exchange.binding_token (expires);

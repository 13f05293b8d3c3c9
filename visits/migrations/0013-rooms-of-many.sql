-- Rooms of two to eight: an epoch that grows with every change of who is seated, the engine in use, seats of guests, and messages that
-- are numbered for each receiver.

create table visits.room (
  tenant int not null,
  visit uuid not null,
  epoch int not null default 0,
  engine text not null default 'p2p',
  primary key (tenant, visit)
);

-- A guest's seat has her invitation's id as `person`. `whispers`: peers who hear what she says aside.
alter table visits.seat
  add column seated boolean not null default false,
  add column kind text,
  add column whispers uuid[] not null default '{}';
update visits.seat set seated = true where connection is not null;
-- A process that died stands up for nobody: whoever renews next finds the seats that ran out.
create index seat_lapsing on visits.seat (tenant, visit, lease_until) where seated;

-- What was told to each seat in its session, counted: `sent` so far, `told` when its socket went, `acked` by its browser. Unlogged, like
-- the messages themselves: after a crash of the database the browsers negotiate anew.
create unlogged table visits.room_inbox (
  tenant int not null,
  visit uuid not null,
  receiver uuid not null,
  session int not null,
  sent int not null default 0,
  told int not null default 0,
  acked int not null default 0,
  primary key (tenant, visit, receiver)
);

-- The highest number of what each seat said that was taken in. Beside the inbox, not in it: two who speak to each other at the same
-- moment would lock the two rows in either order.
create unlogged table visits.room_heard (
  tenant int not null,
  visit uuid not null,
  sender uuid not null,
  session int not null,
  heard int not null default 0,
  primary key (tenant, visit, sender)
);

delete from visits.room_message;
alter table visits.room_message add column n int not null default 0;
drop index visits.room_message_receiver;
create index room_message_receiver on visits.room_message (tenant, visit, receiver, n);

/** Rows of threads and messages: ids, instants, states. */
import type { Queryable } from '@afar/platform';
import type { Side } from './contract.ts';

export interface ThreadRow {
  tenant: number;
  id: string;
  patient: string;
  state: 'open' | 'closed';
  urgent: boolean;
  assignee: string | null;
  created: number;
  last_at: number;
  last_seq: number;
  last_side: Side;
  waits: number | null;
  due: number | null;
  escalated: number | null;
}

export interface MessageRow {
  id: string;
  thread: string;
  seq: number;
  account: string;
  side: Side;
  at: number;
}

export const threadColumns = `t.tenant, t.id, t.patient, t.state, t.urgent, t.assignee, t.created, t.last_at, t.last_seq,
  t.last_side, t.waits, t.due, t.escalated`;

export async function findThread(
  sql: Queryable,
  tenant: number,
  id: string,
  lock = false,
): Promise<ThreadRow | undefined> {
  const { rows } = await sql.query<ThreadRow>({
    name: lock ? 'messaging.lock-thread' : 'messaging.thread',
    text: `select ${threadColumns} from messaging.thread t where t.tenant = $1 and t.id = $2${lock ? ' for update' : ''}`,
    values: [tenant, id],
  });
  return rows[0];
}

export interface NewMessage {
  tenant: number;
  id: string;
  thread: string;
  account: string;
  side: Side;
  at: number;
  deed: Buffer;
}

/** @returns its place in the order of all; undefined when the same deed was done before */
export async function addMessage(sql: Queryable, one: NewMessage): Promise<number | undefined> {
  const { rows } = await sql.query<{ seq: number }>({
    name: 'messaging.add-message',
    text: `insert into messaging.message (tenant, id, thread, account, side, at, deed)
      values ($1, $2, $3, $4, $5, $6, $7) on conflict on constraint message_once do nothing returning seq`,
    values: [one.tenant, one.id, one.thread, one.account, one.side, one.at, one.deed],
  });
  return rows[0]?.seq;
}

export async function messageOfDeed(
  sql: Queryable,
  tenant: number,
  deeds: readonly Buffer[],
): Promise<MessageRow | undefined> {
  const { rows } = await sql.query<MessageRow>({
    name: 'messaging.deed',
    text: `select id, thread, seq, account, side, at from messaging.message
      where tenant = $1 and deed = any($2::bytea[])`,
    values: [tenant, deeds],
  });
  return rows[0];
}

/** Newest first. @param before seq, exclusive */
export async function messagesOf(
  sql: Queryable,
  tenant: number,
  thread: string,
  before: number | undefined,
  limit: number,
): Promise<MessageRow[]> {
  const { rows } = await sql.query<MessageRow>({
    name: 'messaging.messages',
    text: `select id, thread, seq, account, side, at from messaging.message
      where tenant = $1 and thread = $2 and ($3::bigint is null or seq < $3) order by seq desc limit $4`,
    values: [tenant, thread, before ?? null, limit],
  });
  return rows;
}

/** How far others, and she herself, have read. */
export async function seenOf(
  sql: Queryable,
  tenant: number,
  thread: string,
): Promise<{ account: string; side: Side; upto: number; at: number }[]> {
  const { rows } = await sql.query<{ account: string; side: Side; upto: number; at: number }>({
    name: 'messaging.seen',
    text: 'select account, side, upto, at from messaging.seen where tenant = $1 and thread = $2',
    values: [tenant, thread],
  });
  return rows;
}

/** Never takes back what was read. */
export async function markSeen(
  sql: Queryable,
  one: { tenant: number; thread: string; account: string; side: Side; upto: number; at: number },
): Promise<void> {
  await sql.query({
    name: 'messaging.mark-seen',
    text: `insert into messaging.seen as s (tenant, thread, account, side, upto, at) values ($1, $2, $3, $4, $5, $6)
      on conflict (tenant, thread, account) do update set upto = excluded.upto, at = excluded.at
        where s.upto < excluded.upto`,
    values: [one.tenant, one.thread, one.account, one.side, one.upto, one.at],
  });
}

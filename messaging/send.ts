/** Writing: a new thread or a further message, once for one Idempotency-Key; words of an emergency stop it once. */
import { createHmac } from 'node:crypto';
import { isUuid, type Caller } from '@afar/access';
import { Refusal, type Communication } from '@afar/fhir';
import type { RecordTx } from '@afar/records';
import { communicationOf } from './communication.ts';
import type { MessageBody, NewThread, Sent, Stopped } from './contract.ts';
import { dropDraft } from './drafts.ts';
import { bindFiles, readFileIds, takeFiles } from './files.ts';
import type { House } from './house.ts';
import { letPoolIn } from './pool.ts';
import { hasRedFlag } from './red-flags.ts';
import { settingsOf } from './settings.ts';
import { sideOf, type Seen } from './standing.ts';
import { addMessage, findThread, markSeen, messageOfDeed, type ThreadRow } from './store.ts';
import { tellOfMessage } from './telling.ts';

/** Some three pages: a longer one is a document. */
const mostText = 8_000;
const mostTopic = 120;
/** Nobody writes faster than this; a stuck key does. */
const mostAnHour = { most: 60, windowMs: 3_600_000 };

type Told = Required<MessageBody>;

function text(value: unknown, most: number, expression: string, least = 1): string {
  const given = typeof value === 'string' ? value.trim() : undefined;
  if (given === undefined || given.length > most || given.length < least)
    throw new Refusal('invalid', {
      status: 422,
      diagnostics: `text of ${least} to ${most} characters`,
      expression: [expression],
    });
  return given;
}

/** @throws Refusal 'invalid' (422) */
export function readMessage(body: unknown): Told {
  const given = (body ?? {}) as Record<string, unknown>;
  const attachments = readFileIds(given.attachments);
  return {
    // A picture may speak for itself.
    text: text(given.text ?? '', mostText, 'text', attachments.length > 0 ? 0 : 1),
    attachments,
    acknowledged: given.acknowledged === true,
  };
}

export function readNewThread(body: unknown): Told & Pick<NewThread, 'patient' | 'topic'> {
  const { patient, topic } = (body ?? {}) as Record<string, unknown>;
  if (typeof patient !== 'string' || !isUuid(patient)) throw new Refusal('not-found');
  return { ...readMessage(body), patient, topic: text(topic, mostTopic, 'topic') };
}

/** Keyed hashes of who does what: under today's index key first, then under those that were, or are about to be, it. */
export async function deedsOf(house: House, caller: Caller, header: unknown): Promise<Buffer[]> {
  if (typeof header !== 'string' || !/^[\x21-\x7e]{8,128}$/.test(header))
    throw new Refusal('invalid', {
      diagnostics: 'Idempotency-Key must hold 8 to 128 printable characters',
    });
  const { index, others } = await house.keys.tenant(caller.tenant);
  return [index, ...others].map((key) =>
    createHmac('sha256', key).update(`messaging.deed|${caller.id}|${header}`).digest(),
  );
}

interface Writing {
  caller: Caller;
  deeds: Buffer[];
  told: Told;
  patient: string;
  who: Pick<Seen, 'side' | 'self'>;
  /** The thread it goes to, or the topic of a new one. */
  to: { topic: string } | { thread: string };
}

interface Written extends Sent {
  row: ThreadRow;
  /** seq of the last message before. */
  prior: number;
}

/** Thrown inside a transaction that lost to its own twin. */
class DoneAlready extends Error {}

async function write(house: House, tx: RecordTx, it: Writing): Promise<Written> {
  const { caller, deeds, told, patient, who, to } = it;
  const { tenant } = caller;
  const now = house.clock.now();
  const before = 'thread' in to ? await findThread(tx.sql, tenant, to.thread, true) : undefined;
  const files = await takeFiles(tx, caller, patient, told.attachments);
  // She was warned and sends it all the same: somebody should look soon.
  const urgent = who.side === 'patient' && told.acknowledged && hasRedFlag(told.text);
  const { rid } = await tx.create<Communication>(
    communicationOf({
      patient,
      sender: who.self,
      at: now,
      text: told.text,
      files,
      base: (house.baseUrlOf ?? (() => house.baseUrl))(tenant),
      urgent,
      of: to,
    }),
  );
  const thread = 'thread' in to ? to.thread : rid;
  const message = { tenant, id: rid, thread, account: caller.id, side: who.side, at: now };
  const seq = await addMessage(tx.sql, { ...message, deed: deeds[0]! });
  if (seq === undefined) throw new DoneAlready();
  await bindFiles(tx.sql, tenant, told.attachments, rid);
  const { hours } = await settingsOf(tx.sql, tenant);
  // The clock of a promise runs from the first message that nobody answered; an answer stops it.
  const waits = who.side === 'staff' ? null : (before?.waits ?? now);
  const due = waits === null ? null : waits + hours * 3_600_000;
  const row: ThreadRow = {
    tenant,
    id: thread,
    patient,
    state: 'open',
    urgent: urgent || (before?.urgent ?? false),
    assignee: before?.assignee ?? null,
    created: before?.created ?? now,
    last_at: now,
    last_seq: seq,
    last_side: who.side,
    waits,
    due,
    escalated: waits === null ? null : (before?.escalated ?? null),
  };
  await tx.sql.query(
    `insert into messaging.thread as t (tenant, id, patient, state, urgent, assignee, created, last_at, last_seq, last_side, waits, due, escalated)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     on conflict (tenant, id) do update set state = excluded.state, urgent = excluded.urgent, last_at = excluded.last_at,
       last_seq = excluded.last_seq, last_side = excluded.last_side, waits = excluded.waits, due = excluded.due,
       escalated = excluded.escalated`,
    [
      tenant,
      thread,
      patient,
      row.state,
      row.urgent,
      row.assignee,
      row.created,
      now,
      seq,
      who.side,
      waits,
      due,
      row.escalated,
    ],
  );
  await markSeen(tx.sql, {
    tenant,
    thread,
    account: caller.id,
    side: who.side,
    upto: seq,
    at: now,
  });
  await dropDraft(tx.sql, caller, 'thread' in to ? thread : patient);
  return { thread, message: rid, row, prior: before?.last_seq ?? 0 };
}

async function send(house: House, it: Writing): Promise<Sent | Stopped> {
  const { caller, deeds, told, who } = it;
  const { tenant } = caller;
  const again = async (): Promise<Sent | undefined> => {
    const done = await messageOfDeed(house.db, tenant, deeds);
    return done && { thread: done.thread, message: done.id };
  };
  const before = await again();
  if (before) return before;
  if (who.side === 'patient' && !told.acknowledged && hasRedFlag(told.text))
    return { stopped: 'red-flag' };
  await house.access.allowances.take(tenant, { of: ['message', caller.id], ...mostAnHour });
  let written: Written;
  try {
    written = await house.records.write(caller, (tx) => write(house, tx, it));
  } catch (error) {
    const twin = await again();
    if (twin) return twin;
    throw error instanceof DoneAlready ? new Refusal('conflict', { cause: error }) : error;
  }
  const { thread, message, row, prior } = written;
  try {
    if (who.side === 'patient') await letPoolIn(house, row);
    await tellOfMessage(house, row, caller.id, prior);
  } catch (error) {
    // It is written, unread, and its clock runs: who was not told finds it.
    house.log.warn({ err: error, threadId: thread }, 'nobody was told of a message');
  }
  return { thread, message };
}

/** @throws Refusal 'not-found' for a patient this caller neither is, speaks for nor cares for */
export async function sendNew(
  house: House,
  caller: Caller,
  { patient, topic, ...told }: ReturnType<typeof readNewThread>,
  deeds: Buffer[],
): Promise<Sent | Stopped> {
  const who = await sideOf(house, caller, patient);
  await house.records.read(caller, 'Patient', patient);
  return send(house, { caller, deeds, told, patient, who, to: { topic } });
}

export const sendMore = (
  house: House,
  caller: Caller,
  { row, side, self }: Seen,
  told: Told,
  deeds: Buffer[],
): Promise<Sent | Stopped> =>
  send(house, {
    caller,
    deeds,
    told,
    patient: row.patient,
    who: { side, self },
    to: { thread: row.id },
  });

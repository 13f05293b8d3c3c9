/** Chat of a visit: one row a message, sealed under the patient's key, in the order in which the others saw it. */
import { systemCaller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { ChatMessage, ChatRequest } from '../contract.ts';
import { getFile, putFile, removeFile, sha256 } from '../files/sealed-file.ts';
import { sniff } from '../files/sniff.ts';
import { iso, tell, type House } from '../house.ts';
import { fault, isUuid, refuseFaults } from '../scheduling/rule.ts';
import { lockVisit, type VisitRow } from '../visit-row.ts';

/** A long visit has some dozens. */
const mostMessages = 500;
const mostFiles = 50;
/** Of them a guest's: she cannot silence those whose visit it is. */
const guests = { messages: 100, files: 10 } as const;
const pageSize = 200;
const textLength = 4_000;
/** A photo of a rash taken by any phone, a letter of some pages. */
export const fileBytes = 10 * 1024 * 1024;

export interface Author {
  /** Patient's or Practitioner's id, or a guest's invitation. */
  id: string;
  role: ChatMessage['by']['role'];
  as?: ChatMessage['by']['as'];
  name?: string;
}

interface Row {
  id: string;
  n: number | null;
  at: number;
  author: string;
  body: Buffer;
  file_type: string | null;
  file_size: number | null;
  file_hash: Buffer | null;
  file_object: string | null;
  file_key: Buffer | null;
}

/** What is sealed of a message. */
interface Body {
  text: string;
  by: Omit<Author, 'id'>;
  file?: { name: string };
}

const columns = 'id, n, at, author, body, file_type, file_size, file_hash, file_object, file_key';
export const chatContext = (visit: string, id: string): string => `visits.chat ${visit} ${id}`;

/** @throws Refusal 'invalid' with every fault */
export function readChat(body: unknown): ChatRequest {
  const { id, text, file } = (body ?? {}) as Record<string, unknown>;
  const name = (file as { name?: unknown } | undefined)?.name;
  const named = typeof name === 'string' && name.trim() !== '' && name.length <= 120;
  const textual = typeof text === 'string' && text.length <= textLength;
  refuseFaults([
    ...(isUuid(id) ? [] : [fault('id', 'a uuid')]),
    ...(textual && (text.trim() !== '' || file !== undefined)
      ? []
      : [fault('text', `1 to ${textLength} characters`)]),
    ...(file === undefined || (named && !/\p{Cc}/u.test(name))
      ? []
      : [fault('file.name', '1 to 120 characters')]),
  ]);
  return { id: id as string, text: text as string, ...(named && { file: { name } }) };
}

async function find(
  sql: Queryable,
  { tenant, rid }: VisitRow,
  id: string,
): Promise<Row | undefined> {
  const { rows } = await sql.query<Row>({
    name: 'visits.chat-message',
    text: `select ${columns} from visits.chat_message where tenant = $1 and visit = $2 and id = $3`,
    values: [tenant, rid, id],
  });
  return rows[0];
}

async function view(
  house: House,
  { tenant, rid, patient }: VisitRow,
  row: Row,
  reader: string,
): Promise<ChatMessage> {
  const caller = systemCaller(tenant, house.clock, 'chat');
  const context = chatContext(rid, row.id);
  const said = JSON.parse(await house.records.openFor(caller, patient, context, row.body)) as Body;
  return {
    id: row.id,
    n: row.n ?? 0,
    at: iso(row.at),
    by: { ...said.by, own: row.author === reader },
    text: said.text,
    ...(said.file &&
      row.file_type !== null && {
        file: { name: said.file.name, type: row.file_type, size: Number(row.file_size) },
      }),
  };
}

/** The next number of this visit; its row is locked. */
async function next(tx: Queryable, { tenant, rid }: VisitRow): Promise<number> {
  const { rows } = await tx.query<{ n: number }>({
    name: 'visits.chat-next',
    text: 'select coalesce(max(n), 0) + 1 as n from visits.chat_message where tenant = $1 and visit = $2',
    values: [tenant, rid],
  });
  return rows[0]!.n;
}

interface Said {
  messages: number;
  files: number;
}

/** How much was said in this visit, by all and by one of them. */
async function said(
  tx: Queryable,
  { tenant, rid }: VisitRow,
  author: string,
): Promise<{ all: Said; own: Said }> {
  const { rows } = await tx.query<Said & { own: boolean }>({
    name: 'visits.chat-count',
    text: `select author = $3 as own, count(*)::int as messages,
        count(*) filter (where n is null or file_type is not null)::int as files
      from visits.chat_message where tenant = $1 and visit = $2 group by author = $3`,
    values: [tenant, rid, author],
  });
  const own = rows.find((row) => row.own) ?? { messages: 0, files: 0 };
  const others = rows.find((row) => !row.own) ?? { messages: 0, files: 0 };
  return {
    all: { messages: own.messages + others.messages, files: own.files + others.files },
    own,
  };
}

const happened = (house: House, { tenant, rid: visit }: VisitRow, message: string): void =>
  tell(house, 'happened', { tenant, visit, event: { type: 'chat', message } });

/**
 * Says something; what was said before under the same id is answered again, and another's id is not hers to say.
 * @throws Refusal 'conflict' when too much was said already
 */
export async function say(
  house: House,
  visit: VisitRow,
  author: Author,
  ask: ChatRequest,
): Promise<ChatMessage> {
  const { tenant, rid, patient } = visit;
  const { id, ...by } = author;
  await house.access.allowances.take(tenant, {
    of: ['visit-chat', id],
    most: 60,
    windowMs: 60_000,
  });
  const body: Body = { text: ask.text, by, ...(ask.file && { file: ask.file }) };
  const caller = systemCaller(tenant, house.clock, 'chat');
  const context = chatContext(rid, ask.id);
  const sealed = await house.records.sealFor(caller, patient, context, JSON.stringify(body));
  const { row, fresh } = await house.db.tx(async (tx) => {
    await lockVisit(tx, tenant, rid);
    const before = await find(tx, visit, ask.id);
    if (before) return { row: before, fresh: false };
    const { all, own } = await said(tx, visit, id);
    const isGuest = by.role === 'guest';
    const full = all.messages >= mostMessages || (isGuest && own.messages >= guests.messages);
    const noFiles = all.files >= mostFiles || (isGuest && own.files >= guests.files);
    if (full || (ask.file && noFiles))
      throw new Refusal('conflict', { diagnostics: 'this visit has too many messages' });
    const n = ask.file ? null : await next(tx, visit);
    const at = house.clock.now();
    await tx.query({
      name: 'visits.chat-say',
      text: `insert into visits.chat_message (tenant, visit, id, patient, n, at, author, body) values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      values: [tenant, rid, ask.id, patient, n, at, id, sealed],
    });
    return { row: (await find(tx, visit, ask.id))!, fresh: true };
  });
  if (row.author !== id) throw new Refusal('duplicate');
  if (fresh && row.n !== null) happened(house, visit, row.id);
  return view(house, visit, row, id);
}

/**
 * The bytes of a message that announced a file. The same bytes again are the same answer.
 * @throws Refusal 'not-found' for a message that is not hers, 'unsupported-media', 'conflict' for other bytes
 */
export async function addFile(
  house: House,
  visit: VisitRow,
  author: string,
  id: string,
  bytes: Buffer,
): Promise<ChatMessage> {
  const { tenant, patient } = visit;
  const row = await find(house.db, visit, id);
  if (!row || row.author !== author) throw new Refusal('not-found');
  const type = sniff(bytes);
  if (!type)
    throw new Refusal('unsupported-media', { diagnostics: 'JPEG, PNG, WebP or PDF is taken' });
  const hash = sha256(bytes);
  if (row.file_hash) {
    if (row.file_hash.equals(hash)) return view(house, visit, row, author);
    throw new Refusal('conflict', { detail: 'another file came before' });
  }
  if (row.n !== null) throw new Refusal('conflict', { detail: 'no file was announced' });
  const file = await putFile(house, { tenant, patient, id, of: 'chat' }, bytes);
  const kept = await house.db.tx(async (tx) => {
    await lockVisit(tx, tenant, visit.rid);
    const n = await next(tx, visit);
    await tx.query({
      name: 'visits.chat-file',
      text: `update visits.chat_message set n = $4, file_type = $5, file_size = $6, file_hash = $7, file_object = $8, file_key = $9
        where tenant = $1 and visit = $2 and id = $3 and n is null`,
      values: [tenant, visit.rid, id, n, type, bytes.length, hash, file.object, file.key],
    });
    return (await find(tx, visit, id))!;
  });
  // Another request of the same browser was faster.
  if (kept.file_object !== file.object) await removeFile(house, tenant, file.object);
  else happened(house, visit, id);
  return view(house, visit, kept, author);
}

/** Messages after a number, and from an instant on: a guest reads what was said since she came. */
export async function chatOf(
  house: House,
  visit: VisitRow,
  reader: string,
  after: number,
  since = 0,
): Promise<{ messages: ChatMessage[]; more: boolean }> {
  const { rows } = await house.db.query<Row>({
    name: 'visits.chat',
    text: `select ${columns} from visits.chat_message
      where tenant = $1 and visit = $2 and n > $3 and at >= $4 order by n limit $5`,
    values: [visit.tenant, visit.rid, after, since, pageSize + 1],
  });
  const page = rows.slice(0, pageSize);
  return {
    messages: await Promise.all(page.map((row) => view(house, visit, row, reader))),
    more: rows.length > pageSize,
  };
}

/** @throws Refusal 'not-found' */
export async function fileOf(
  house: House,
  visit: VisitRow,
  id: string,
  since = 0,
): Promise<{ bytes: Buffer; type: string }> {
  const row = await find(house.db, visit, id);
  if (!row?.file_key || !row.file_object || !row.file_type || row.at < since)
    throw new Refusal('not-found');
  const { tenant, patient } = visit;
  const kept = { object: row.file_object, key: row.file_key };
  const bytes = await getFile(house, { tenant, patient, id, of: 'chat' }, kept);
  return { bytes, type: row.file_type };
}

/** Attachments: sniffed, limited, each an object under a key of its own, which is sealed under the patient's. */
import { randomBytes, randomUUID } from 'node:crypto';
import { isUuid, type Caller } from '@afar/access';
import { Refusal, type Communication } from '@afar/fhir';
import { freshKey, type DataKey, type Queryable } from '@afar/platform';
import type { RecordTx } from '@afar/records';
import type { Attachment, AttachmentType } from './contract.ts';
import type { House } from './house.ts';
import { typeOf } from './sniff.ts';
import { sideOf } from './standing.ts';

/** A photo of a telephone, or a letter of some pages. */
export const mostBytes = 10 * 1024 * 1024;
const mostFiles = 5;
/** What was chosen and never sent. */
const unsentMs = 86_400_000;
/** Unsent ones of one account at once. */
const mostUnsent = 20;
/** Of one account: an album, not a store. */
const mostADay = { most: 100, windowMs: 86_400_000 };

export const keyContext = (id: string): string => `messaging.attachment|key|${id}`;
export const nameContext = (id: string): string => `messaging.attachment|name|${id}`;

interface Row {
  id: string;
  patient: string;
  account: string;
  message: string | null;
  type: AttachmentType;
  size: number;
  key: Buffer;
  name: Buffer;
}

const keyFrom = (text: string): DataKey => {
  const [kid = '', secret = ''] = text.split(' ');
  return freshKey(kid, Buffer.from(secret, 'base64url'));
};

/** The file's own name, without a path or anything that could end a header. */
function nameFrom(header: unknown): string {
  let given = '';
  try {
    given = typeof header === 'string' ? decodeURIComponent(header) : '';
  } catch {
    // Not percent-encoded: a file without a name.
  }
  return given
    .replaceAll(/[\p{Cc}\p{Cf}"\\]/gu, '')
    .split('/')
    .at(-1)!
    .trim()
    .slice(0, 120);
}

/** @throws Refusal 'invalid' for what is neither a picture nor a PDF, 'not-found' for whose patient this is not */
export async function keepFile(
  house: House,
  caller: Caller,
  patient: string,
  bytes: Buffer,
  header: unknown,
): Promise<Attachment> {
  await sideOf(house, caller, patient);
  // As the caller: a patient she does not care for is not there.
  await house.records.read(caller, 'Patient', patient);
  const type = typeOf(bytes);
  if (!type)
    throw new Refusal('invalid', {
      status: 422,
      diagnostics: 'a JPEG, PNG or WebP picture, or a PDF',
    });
  const { tenant, id: account } = caller;
  // Sent or not, and however many at once.
  await house.access.allowances.take(tenant, { of: ['message-file', account], ...mostADay });
  const { rows } = await house.db.query<{ n: number }>(
    'select count(*)::int as n from messaging.attachment where tenant = $1 and account = $2 and message is null',
    [tenant, account],
  );
  if (rows[0]!.n >= mostUnsent)
    throw new Refusal('business-rule', { diagnostics: `${mostUnsent} files wait to be sent` });
  const id = randomUUID();
  const name = nameFrom(header);
  const secret = randomBytes(32);
  const kid = randomUUID();
  const [key, sealedName] = await Promise.all([
    house.records.sealFor(
      caller,
      patient,
      keyContext(id),
      `${kid} ${secret.toString('base64url')}`,
    ),
    house.records.sealFor(caller, patient, nameContext(id), name),
  ]);
  // The row first: an object without one would never be swept.
  await house.db.query(
    `insert into messaging.attachment (tenant, id, patient, account, type, size, key, name, created)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [tenant, id, patient, account, type, bytes.length, key, sealedName, house.clock.now()],
  );
  await house.objects.put({ tenant, id, key: freshKey(kid, secret) }, one(bytes));
  return { id, name, type, size: bytes.length };
}

async function* one(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Her own uploads for this patient, given to a message. @throws Refusal 'invalid' for any other */
export async function takeFiles(
  tx: RecordTx,
  caller: Caller,
  patient: string,
  ids: readonly string[],
): Promise<Attachment[]> {
  if (ids.length === 0) return [];
  const { rows } = await tx.sql.query<Row>(
    `select id, patient, account, message, type, size, key, name from messaging.attachment
     where tenant = $1 and id = any($2::uuid[]) and account = $3 and patient = $4 and message is null for update`,
    [caller.tenant, ids, caller.id, patient],
  );
  const found = new Map(rows.map((row) => [row.id, row]));
  return Promise.all(
    ids.map(async (id) => {
      const row = found.get(id);
      if (!row)
        throw new Refusal('invalid', {
          status: 422,
          diagnostics: 'a file you have uploaded for this patient',
          expression: ['attachments'],
        });
      const name = await tx.openFor(patient, nameContext(id), row.name);
      return { id, name, type: row.type, size: row.size };
    }),
  );
}

export async function bindFiles(
  sql: Queryable,
  tenant: number,
  ids: readonly string[],
  message: string,
): Promise<void> {
  if (ids.length > 0)
    await sql.query(
      'update messaging.attachment set message = $3 where tenant = $1 and id = any($2::uuid[])',
      [tenant, ids, message],
    );
}

/** @throws Refusal 'not-found' unless it went with a message that this caller may read */
export async function openFile(
  house: House,
  caller: Caller,
  id: unknown,
): Promise<{ row: Row; name: string; bytes: AsyncIterable<Buffer> }> {
  if (typeof id !== 'string' || !isUuid(id)) throw new Refusal('not-found');
  const { tenant } = caller;
  const { rows } = await house.db.query<Row>({
    name: 'messaging.file',
    text: `select id, patient, account, message, type, size, key, name from messaging.attachment
      where tenant = $1 and id = $2`,
    values: [tenant, id],
  });
  const row = rows[0];
  // What was not sent is there for whoever chose it, to look at it again.
  if (!row || (row.message === null && row.account !== caller.id)) throw new Refusal('not-found');
  await sideOf(house, caller, row.patient);
  if (row.message === null) await house.records.read(caller, 'Patient', row.patient);
  else await house.records.read<Communication>(caller, 'Communication', row.message);
  const [key, name] = await Promise.all([
    house.records.openFor(caller, row.patient, keyContext(id), row.key),
    house.records.openFor(caller, row.patient, nameContext(id), row.name),
  ]);
  return { row, name, bytes: house.objects.get({ tenant, id, key: keyFrom(key) }) };
}

export function readFileIds(value: unknown): string[] {
  if (value === undefined) return [];
  const ids = Array.isArray(value) ? (value as unknown[]) : undefined;
  if (!ids || ids.length > mostFiles || !ids.every((id) => typeof id === 'string' && isUuid(id)))
    throw new Refusal('invalid', {
      status: 422,
      diagnostics: `${mostFiles} files at most`,
      expression: ['attachments'],
    });
  return [...new Set(ids as string[])];
}

/** Drops uploads that were never sent. Whoever sends one at this moment waits for its row, and is told that it is gone: not a message without its file. */
export async function sweepFiles(house: House): Promise<void> {
  const { rows } = await house.db.query<{ tenant: number; id: string }>(
    'select tenant, id from messaging.attachment where message is null and created < $1 limit 500',
    [house.clock.now() - unsentMs],
  );
  for (const { tenant, id } of rows)
    await house.db.tx(async (tx) => {
      const { rowCount } = await tx.query(
        'delete from messaging.attachment where tenant = $1 and id = $2 and message is null',
        [tenant, id],
      );
      if (rowCount > 0) await house.objects.remove({ tenant, id });
    });
}

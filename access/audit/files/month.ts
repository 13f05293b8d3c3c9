/** A month of a clinic's trail in a sealed file outside the database, and the month's end in the database. */
import { createHash, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open as openFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import type { Db, KeyRing } from '@afar/platform';
import { chainedEvents } from './chained.ts';
import { fileFormat, fileLines, howTo } from './file.ts';
import { openedPieces, publicOf, sealedPieces, signedLines } from './sealed-lines.ts';

export interface MonthFile {
  tenant: number;
  month: number;
  file: string;
  events: number;
  links: number;
  /** sha256, hex. */
  digest: string;
}

/** First and last instant of YYYYMM, UTC; exclusive at its end. @throws RangeError */
export function spanOfMonth(month: number): { from: number; to: number } {
  const year = Math.floor(month / 100);
  const index = (month % 100) - 1;
  if (!Number.isInteger(month) || year < 2000 || year > 9999 || index < 0 || index > 11)
    throw new RangeError('a month is written as 202611');
  return { from: Date.UTC(year, index), to: Date.UTC(year, index + 1) };
}

const firstLine = 'afar-audit-month-1';

/**
 * Writes a clinic's month, and notes that it is kept.
 * @throws Error when the month has not ended, or not every event of it is chained
 */
export async function exportMonth(deps: {
  db: Db;
  keys: KeyRing;
  dir: string;
  /** Signing key, PKCS #8 PEM. */
  key: string;
  now: number;
  tenant: number;
  month: number;
}): Promise<MonthFile> {
  const { db, keys, dir, key, now, tenant, month } = deps;
  const span = spanOfMonth(month);
  if (span.to > now) throw new Error(`${month} has not ended`);
  const counted = await db.query<{ events: number }>(
    'select count(*)::int as events from access.audit_event where tenant = $1 and at >= $2 and at < $3',
    [tenant, span.from, span.to],
  );
  const { events } = counted.rows[0]!;
  const head = {
    format: fileFormat,
    kind: 'month' as const,
    tenant,
    made: now,
    asked: span,
    key: publicOf(key),
    how: howTo,
  };
  let rows = 0;
  let links = 0;
  async function* told() {
    for await (const one of chainedEvents(db, tenant, span)) {
      rows += one.rows.length;
      links++;
      yield one;
    }
  }
  const dataKey = await keys.tenant(tenant);
  const hash = createHash('sha256');
  async function* out() {
    const first = `${firstLine} ${tenant} ${month}\n`;
    hash.update(first);
    yield first;
    const lines = signedLines(fileLines(head, told()), key);
    for await (const piece of sealedPieces(lines, dataKey, tenant, month)) {
      hash.update(piece);
      yield piece;
    }
  }
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const file = join(dir, `audit-${tenant}-${month}.sealed`);
  const beside = `${file}.${process.pid}.new`;
  await pipeline(out, createWriteStream(beside, { mode: 0o600 }));
  if (rows !== events)
    throw new Error(
      `${events - rows} of ${events} events of ${month} are in no link: run audit verify`,
    );
  const handle = await openFile(beside, 'r');
  await handle.sync().finally(() => handle.close());
  await rename(beside, file);
  const digest = hash.digest('hex');
  await db.query(
    `insert into access.audit_export (tenant, month, at, events, links, digest)
     values ($1, $2, $3, $4, $5, decode($6, 'hex'))`,
    [tenant, month, now, events, links, digest],
  );
  return { tenant, month, file, events, links, digest };
}

/** The lines of a sealed month, or of a plain file of evidence. */
export async function* linesOfFile(path: string, keys: KeyRing): AsyncGenerator<string> {
  const source = createInterface({ input: createReadStream(path), crlfDelay: Infinity });
  const lines = source[Symbol.asyncIterator]();
  const rest: AsyncIterable<string> = { [Symbol.asyncIterator]: () => lines };
  const first = await lines.next();
  if (first.done) return;
  const [format, tenant, month] = first.value.split(' ');
  if (format === firstLine)
    yield* openedPieces(rest, await keys.tenant(Number(tenant)), Number(tenant), Number(month));
  else {
    yield first.value;
    yield* rest;
  }
}

const statement = (month: number, at: number): Buffer =>
  Buffer.from(`afar audit dropped ${month} ${at}`);

/** Drops a month from the database. @param ownerDb connected as the owner of the schema @returns events dropped */
export async function dropMonth(
  ownerDb: Db,
  key: string,
  month: number,
  now: number,
): Promise<number> {
  spanOfMonth(month);
  const signature = sign(null, statement(month, now), createPrivateKey(key)).toString('base64');
  const { rows } = await ownerDb.query<{ events: number }>(
    'select access.drop_audit_month($1, $2, $3) as events',
    [month, now, signature],
  );
  return rows[0]!.events;
}

/** Months that were dropped by this installation; those that only claim so are told apart. */
export async function droppedMonths(
  db: Db,
  key: string,
): Promise<{ months: Set<number>; forged: number[] }> {
  const publicKey = createPublicKey(createPrivateKey(key));
  const { rows } = await db.query<{ month: number; at: number; signature: string }>(
    'select month, at, signature from access.audit_dropped',
  );
  const months = new Set<number>();
  const forged: number[] = [];
  for (const { month, at, signature } of rows)
    if (verify(null, statement(month, at), publicKey, Buffer.from(signature, 'base64')))
      months.add(month);
    else forged.push(month);
  return { months, forged };
}

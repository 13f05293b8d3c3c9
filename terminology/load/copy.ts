/** Rows into a table by COPY, as fast as they come and no faster: nothing piles up in memory. */
import { once } from 'node:events';
import pg from 'pg';

/** The parts of pg's wire connection that COPY needs. */
interface Wire {
  query(text: string): void;
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
  readonly stream: NodeJS.WritableStream & { readonly writableNeedDrain: boolean };
}

/** `null` is NULL; an array becomes PostgreSQL's. */
export type Cell = string | number | boolean | null | readonly (string | number)[];

/** Characters gathered before they are sent. */
const chunkSize = 256 * 1024;

/** One COPY ... FROM STDIN in text format, as pg runs a query of one's own. */
class CopyIn implements pg.Submittable {
  readonly #text: string;
  #wire: Wire | undefined;
  readonly opened = Promise.withResolvers<Wire>();
  readonly ended = Promise.withResolvers<void>();

  constructor(text: string) {
    this.#text = text;
    this.opened.promise.catch(() => undefined);
    this.ended.promise.catch(() => undefined);
  }

  // The names are pg's: it calls them as messages come in.
  submit(connection: pg.Connection): void {
    this.#wire = connection as unknown as Wire;
    this.#wire.query(this.#text);
  }
  handleCopyInResponse(): void {
    this.opened.resolve(this.#wire!);
  }
  handleError(error: Error): void {
    this.opened.reject(error);
    this.ended.reject(error);
  }
  handleCommandComplete(): void {}
  handleReadyForQuery(): void {
    this.ended.resolve();
  }
}

/**
 * Copies rows until they end. What the database refuses is thrown, and the rows are asked for no further.
 * @param target table and columns: `stage.concept (code, display)`
 * @returns how many
 */
export async function copyRows(
  client: pg.ClientBase,
  target: string,
  rows: AsyncIterable<readonly Cell[]> | Iterable<readonly Cell[]>,
): Promise<number> {
  const writer = await openCopy(client, target);
  try {
    for await (const row of rows) {
      const waiting = writer.add(row);
      if (waiting) await waiting;
    }
  } catch (error) {
    await writer.fail();
    throw error;
  }
  return writer.end();
}

export interface CopyWriter {
  /** Wait for what it returns before the next row. */
  add(row: readonly Cell[]): Promise<void> | undefined;
  end(): Promise<number>;
  fail(): Promise<void>;
}

export async function openCopy(client: pg.ClientBase, target: string): Promise<CopyWriter> {
  const copy = new CopyIn(`copy ${target} from stdin`);
  client.query(copy);
  const wire = await copy.opened.promise;
  let failed: unknown;
  copy.ended.promise.catch((error: unknown) => (failed = error));
  let text = '';
  let count = 0;
  const send = (): Promise<void> | undefined => {
    if (failed) throw failed as Error;
    wire.sendCopyFromChunk(Buffer.from(text));
    text = '';
    return wire.stream.writableNeedDrain ? drained(wire, copy.ended.promise) : undefined;
  };
  return {
    add(row) {
      text += `${row.map(cellText).join('\t')}\n`;
      count++;
      return text.length >= chunkSize ? send() : undefined;
    },
    async end() {
      if (text) await send();
      wire.endCopyFrom();
      await copy.ended.promise;
      return count;
    },
    async fail() {
      if (failed) return;
      wire.sendCopyFail('given up');
      await copy.ended.promise.catch(() => undefined);
    },
  };
}

/** A server that ended the copy drains nothing any more. */
async function drained(wire: Wire, ended: Promise<void>): Promise<void> {
  await Promise.race([once(wire.stream, 'drain'), ended]);
}

function cellText(cell: Cell): string {
  if (cell === null) return '\\N';
  if (typeof cell === 'string') return escaped(cell);
  if (typeof cell !== 'object') return String(cell);
  const items = cell.map((one) =>
    typeof one === 'number' ? String(one) : `"${one.replace(/["\\]/g, '\\$&')}"`,
  );
  return escaped(`{${items.join()}}`);
}

const escapes: Record<string, string> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** NUL cannot be stored by PostgreSQL; in a text it is dirt. */
const escaped = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  /[\\\t\n\r\u0000]/.test(text)
    ? // oxlint-disable-next-line no-control-regex
      text.replace(/\u0000/g, '').replace(/[\\\t\n\r]/g, (one) => escapes[one]!)
    : text;

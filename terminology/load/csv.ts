/** CSV with a header, as LOINC and most tables come: rows by the names of their columns, streamed. */
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { parse } from 'csv-parse';
import { LoadFault } from './files.ts';
import type { OnBytes } from './files.ts';

export type CsvRow = Readonly<Record<string, string>>;

/** @throws LoadFault for what is no CSV, and when a needed column is missing */
export async function* csvRows(
  file: string,
  needed: readonly string[],
  onBytes: OnBytes,
): AsyncIterable<CsvRow> {
  const stream = createReadStream(file, { highWaterMark: 1 << 18 });
  stream.on('data', (chunk) => onBytes(chunk.length));
  const parser = parse({
    bom: true,
    columns: (head: string[]) => {
      const missing = needed.filter((name) => !head.includes(name));
      if (missing.length)
        throw new LoadFault(`${basename(file)} has no column ${missing.join(', ')}`);
      return head;
    },
    relax_column_count: true,
    skip_empty_lines: true,
    // A quote that is never closed would take the rest of the file for one cell.
    max_record_size: 1024 * 1024,
  });
  stream.on('error', (error) => parser.destroy(error));
  try {
    for await (const row of stream.pipe(parser)) yield row as CsvRow;
  } catch (error) {
    if (error instanceof LoadFault) throw error;
    if (error instanceof Error && 'lines' in error)
      throw new LoadFault(`${basename(file)}, line ${String(error.lines)}: this is no CSV`);
    throw error;
  } finally {
    stream.destroy();
  }
}

/** Files of a release: found by their names, read line by line in flat memory. */
import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A fault in what the operator brought: the message says what and where. */
export class LoadFault extends Error {}

/** Deeper than any release unpacks. */
const deepest = 6;

/** All files at or under a path. */
export function filesUnder(path: string, depth = 0): string[] {
  const about = statSync(path, { throwIfNoEntry: false });
  if (!about) throw new LoadFault(`There is no ${path}`);
  if (about.isFile()) return [path];
  if (!about.isDirectory() || depth > deepest) return [];
  return readdirSync(path)
    .toSorted()
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) => filesUnder(join(path, name), depth + 1));
}

export const named = (files: readonly string[], pattern: RegExp): string[] =>
  files.filter((file) => pattern.test(basename(file)));

/** @throws LoadFault naming what is missing */
export function needed(files: readonly string[], pattern: RegExp, what: string): string {
  const [first] = named(files, pattern);
  if (!first) throw new LoadFault(`${what} is not there`);
  return first;
}

export const sizeOf = (files: readonly string[]): number =>
  files.reduce((sum, file) => sum + statSync(file).size, 0);

/** Told how many bytes were read since the last time. */
export type OnBytes = (count: number) => void;

/** Of the content, not of names and dates: the same release unpacked elsewhere is the same. */
export async function fingerprintOf(files: readonly string[], onBytes: OnBytes): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(`${basename(file)}\n`);
    for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
      hash.update(chunk as Buffer);
      onBytes((chunk as Buffer).length);
    }
  }
  return hash.digest('hex');
}

/** Longest line that is a line: what has no ends of lines is another kind of file. */
const longestLine = 4 * 1024 * 1024;

/** Lines without their ends, those of each chunk together. */
export async function* linesOf(file: string, onBytes: OnBytes): AsyncIterable<string[]> {
  let rest = '';
  let first = true;
  const decoder = new TextDecoder('utf-8');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 18 })) {
    onBytes((chunk as Buffer).length);
    rest += decoder.decode(chunk as Buffer, { stream: true });
    if (first) rest = rest.replace(/^\uFEFF/, '');
    first = false;
    const lines = rest.split('\n');
    rest = lines.pop()!;
    if (rest.length > longestLine) throw new LoadFault(`${basename(file)}: a line has no end`);
    yield lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
  }
  if (rest) yield [rest.replace(/\r$/, '')];
}

/** Rows of a file whose first line names the columns, parted by tabs and never quoted (RF2). */
export async function* tabbedRows(
  file: string,
  columns: readonly string[],
  onBytes: OnBytes,
): AsyncIterable<string[][]> {
  let places: number[] | undefined;
  for await (const lines of linesOf(file, onBytes)) {
    if (!places) {
      const head = (lines.shift() ?? '').split('\t');
      places = columns.map((name) => head.indexOf(name));
      const missing = columns.filter((_, at) => places![at]! < 0);
      if (missing.length)
        throw new LoadFault(`${basename(file)} has no column ${missing.join(', ')}`);
    }
    yield lines.filter(Boolean).map((line) => {
      const cells = line.split('\t');
      return places!.map((at) => cells[at] ?? '');
    });
  }
}

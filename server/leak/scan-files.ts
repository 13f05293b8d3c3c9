/** Reads every byte of a folder. */
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { Finding } from './finding.ts';
import type { Matcher } from './matcher.ts';
import { search } from './search.ts';

// 32 MiB: two of PostgreSQL's log segments at a time.
const windowBytes = 32 * 1024 * 1024;
/** A stream or a pattern that begins before a window's end is whole in the next. */
const overlapBytes = 128 * 1024;

export interface FileScan {
  findings: Finding[];
  files: number;
  bytes: number;
}

function* filesIn(folder: string, root: string, exempt: readonly string[]): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (exempt.includes(relative(root, path))) continue;
    if (entry.isDirectory()) yield* filesIn(path, root, exempt);
    else if (entry.isFile()) yield path;
  }
}

function* windows(
  path: string,
  windowSize: number,
  overlap: number,
): Generator<{ bytes: Buffer; at: number }> {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    // PostgreSQL removes files of its own while it runs.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  try {
    const { size } = statSync(path);
    for (let at = 0; at < size; at += windowSize - overlap) {
      const bytes = Buffer.allocUnsafe(Math.min(windowSize, size - at));
      const read = readSync(file, bytes, 0, bytes.length, at);
      yield { bytes: bytes.subarray(0, read), at };
      if (at + read >= size) return;
    }
  } finally {
    closeSync(file);
  }
}

/** Looks for the needles in every file under `root`, names of files included, but for `exempt` (paths relative to it). */
export function scanFiles(
  root: string,
  exempt: readonly string[],
  matcher: Matcher,
  windowSize = windowBytes,
): FileScan {
  const overlap = Math.min(overlapBytes, windowSize / 2);
  const scan: FileScan = { findings: [], files: 0, bytes: 0 };
  for (const path of filesIn(root, root, exempt)) {
    const where = relative(root, path);
    scan.files++;
    for (const { needle, encoding } of matcher.find(Buffer.from(where)))
      scan.findings.push({ needle, encoding, where: `name of ${where}` });
    for (const { bytes, at: from } of windows(path, windowSize, overlap)) {
      scan.bytes += bytes.length;
      for (const { needle, encoding, inflated, at } of search(matcher, bytes, from === 0))
        scan.findings.push({
          needle,
          encoding,
          where: inflated ? `${where}, inflated` : `${where} at ${from + at}`,
        });
    }
  }
  return scan;
}

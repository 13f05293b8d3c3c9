/** Checks a file of the trail by itself: the signature, every link's hash, every event against the link it stands under. */
import { createHash } from 'node:crypto';
import { fold, rootOf } from '../chain.ts';
import { digestOf } from '../row.ts';
import type { AuditFault } from '../verify/faults.ts';
import { fileFormat, rowOfJson, type FileHead, type LinkJson, type RowJson } from './file.ts';
import { isSigned, type End } from './sealed-lines.ts';

export interface FileReport {
  head?: FileHead;
  events: number;
  links: number;
  faults: AuditFault[];
  /** Signed by the key that was expected. */
  signed: boolean;
}

type Line = { row: RowJson } | { link: LinkJson } | { end: End } | FileHead;

/**
 * Memory is bounded by one link's events.
 * @param key the installation's public key; absent: the one the file names, which proves only that it is of one piece
 */
export async function verifyFile(lines: AsyncIterable<string>, key?: string): Promise<FileReport> {
  const report: FileReport = { events: 0, links: 0, faults: [], signed: false };
  const hash = createHash('sha256');
  let rows: RowJson[] = [];
  let end: End | undefined;
  let number = 0;
  let sha256 = '';
  const fault = (why: AuditFault['why'], more: Partial<AuditFault>): void => {
    if (report.faults.length < 1_000) report.faults.push({ at: 0, why, ...more });
  };
  for await (const text of lines) {
    if (text === '') continue;
    number++;
    const line = parse(text);
    if (!line || end) {
      fault('checkpoint file', { where: `line ${number}` });
      continue;
    }
    if ('end' in line) {
      end = line.end;
      sha256 = hash.digest('hex');
      continue;
    }
    hash.update(text + '\n');
    if ('format' in line) report.head = line;
    else if ('row' in line) {
      rows.push(line.row);
      report.events++;
    } else {
      for (const one of checkLink(line.link, rows)) fault(one.why, one);
      rows = [];
      report.links++;
    }
  }
  for (const row of rows) fault('unchained', { at: row.at, event: row.id });
  if (report.head?.format !== fileFormat) fault('checkpoint file', { where: 'line 1' });
  const by = key ?? report.head?.key;
  report.signed =
    end !== undefined &&
    by !== undefined &&
    end.events === report.events &&
    end.links === report.links &&
    isSigned(end, sha256, by);
  if (!report.signed) fault('checkpoint', { where: `line ${number}` });
  return report;
}

function checkLink(link: LinkJson, rows: readonly RowJson[]): AuditFault[] {
  const { chain, n, at } = link;
  const digests = link.events.map((_, index) =>
    Buffer.from(link.digests.slice(index * 64, index * 64 + 64), 'hex'),
  );
  const faults: AuditFault[] = [];
  const before = link.before === null ? rootOf(chain) : Buffer.from(link.before, 'hex');
  if (fold(before, digests).toString('hex') !== link.hash)
    faults.push({ at, why: 'broken link', chain, n });
  for (const row of rows) {
    const index = link.events.indexOf(row.id);
    if (index < 0) faults.push({ at: row.at, why: 'unchained', event: row.id, chain, n });
    else if (!digestOf(rowOfJson(row)).equals(digests[index]!))
      faults.push({ at: row.at, why: 'changed', event: row.id, chain, n });
  }
  return faults;
}

function parse(text: string): Line | undefined {
  try {
    return JSON.parse(text) as Line;
  } catch {
    return undefined;
  }
}

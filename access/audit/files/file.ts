/** What a file of the trail says, line by line: what it is, each event with the row it is proved by, each link, and its signed end. */
import type { AuditEvent } from '@afar/fhir';
import type { EventRow } from '../row.ts';
import type { ChainedEvents, Span } from './chained.ts';

export const fileFormat = 'afar-audit-1' as const;

export interface FileHead {
  format: typeof fileFormat;
  kind: 'evidence' | 'month';
  tenant: number;
  /** ms since epoch. */
  made: number;
  /** Account that asked; absent for a command. */
  by?: string;
  asked: Span;
  /** Public key of the signature, PEM. */
  key: string;
  how: string;
}

/** What is said in the file to whoever holds it. */
export const howTo =
  'Each line is JSON. A line with "row" is an event of the audit trail; "event" is the same as FHIR AuditEvent. ' +
  'A line with "link" follows the events it proves: "digests" holds 32 bytes for each id in "events", and the digest of a row is ' +
  'the sha256 of its columns as docs/operating.md ("The audit trail in files") encodes them. "hash" is sha256 folded over the digests, ' +
  'beginning with "before". The last line holds the sha256 of all lines before it and an Ed25519 signature. ' +
  'Check it with: npm run afar -- audit verify --file FILE';

/** A row as JSON, bytes in hex. */
export const rowJson = (row: EventRow) => ({
  ...row,
  origin: row.origin.toString('hex'),
  body_hash: row.body_hash?.toString('hex') ?? null,
});
export type RowJson = ReturnType<typeof rowJson>;

export const rowOfJson = (row: RowJson): EventRow => ({
  ...row,
  origin: Buffer.from(row.origin, 'hex'),
  body_hash: row.body_hash === null ? null : Buffer.from(row.body_hash, 'hex'),
});

export interface LinkJson {
  chain: string;
  n: number;
  at: number;
  events: string[];
  digests: string;
  hash: string;
  /** The hash it stands on; null on the first of its chain. */
  before: string | null;
}

/** The lines of a file. @param drawn an event as FHIR, for a file that people read */
export async function* fileLines(
  head: FileHead,
  events: AsyncIterable<ChainedEvents>,
  drawn?: (row: EventRow) => Promise<AuditEvent>,
): AsyncGenerator<object> {
  yield head;
  for await (const { link, rows } of events) {
    for (const row of rows) yield { row: rowJson(row), ...(drawn && { event: await drawn(row) }) };
    const { chain, n, at, events: ids, digests, hash, before } = link;
    yield {
      link: {
        chain,
        n,
        at,
        events: ids,
        digests: digests.toString('hex'),
        hash: hash.toString('hex'),
        before: before?.toString('hex') ?? null,
      } satisfies LinkJson,
    };
  }
}

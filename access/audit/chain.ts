/** The hash chain of one process boot: appends by group commit, and links over what writes left behind. */
import { randomUUID } from 'node:crypto';
import type { Db } from '@afar/platform';
import { sha256 } from '../ids.ts';
import { columns, digestOf, type EventRow } from './row.ts';

/** The head of an empty chain: its own name, hashed, so that no two chains share a link. */
export const rootOf = (chain: string): Buffer => sha256('afar audit chain ', chain);

/** Folds digests over a head. */
export function fold(head: Buffer, digests: readonly Buffer[]): Buffer {
  // Written over at each step: a link folds hundreds.
  const both = Buffer.allocUnsafe(64);
  let last = head;
  for (const digest of digests) {
    last.copy(both, 0);
    digest.copy(both, 32);
    last = sha256(both);
  }
  return last;
}

export interface Covered {
  boot: string;
  xid: string;
  seq: number;
}

export interface Head {
  chain: string;
  /** Links so far. */
  n: number;
  hash: Buffer;
  /** Events in them. */
  events: number;
}

export interface Chain {
  /** Inserts the events and their link in one statement; durable when it resolves. */
  append(rows: EventRow[]): Promise<void>;
  /** Links events that are in the table already. */
  cover(rows: EventRow[], upTo: Covered): Promise<void>;
  head(): Head;
}

const linkColumns = 'chain, n, at, events, digests, hash';

// One array a column: one prepared statement for every batch size.
const insertBatch = `with events as (
  insert into access.audit_event (${columns}, boot)
  select tenant, at, id, request, who, role, origin, verb, action, type, rid,
    string_to_array(patients, ',')::uuid[], purpose, outcome, string_to_array(params, ','),
    body_hash, $17::uuid
  from unnest($1::int[], $2::bigint[], $3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::bytea[],
    $8::"char"[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::smallint[],
    $15::text[], $16::bytea[])
    as e (tenant, at, id, request, who, role, origin, verb, action, type, rid, patients, purpose,
      outcome, params, body_hash)
)
insert into access.audit_link (${linkColumns}) values ($18, $19, $20, $3, $21, $22)`;

/** An array literal of what needs no quotes: numbers, ids, names that `rowOf` let through. The driver would look at each. */
function plain(rows: EventRow[], of: (row: EventRow) => string | number | null): string {
  let list = '';
  for (const row of rows) list += `,${of(row) ?? 'NULL'}`;
  return `{${list.slice(1)}}`;
}

const bytes = (value: Buffer | null): string | null => value && `"\\\\x${value.toString('hex')}"`;

// Events of one person from one place share the sealed origin (origin.ts).
const spelled = new WeakMap<Buffer, string>();

function origin({ origin: sealed }: EventRow): string {
  let text = spelled.get(sealed);
  if (text === undefined) spelled.set(sealed, (text = bytes(sealed)!));
  return text;
}

/** An array literal of words: quoted, whatever they hold. */
function words(rows: EventRow[], of: (row: EventRow) => string): string {
  let list = '';
  for (const row of rows) {
    const word = of(row);
    list += `,"${/["\\]/.test(word) ? word.replaceAll(/["\\]/g, '\\$&') : word}"`;
  }
  return `{${list.slice(1)}}`;
}

const insertCover = `insert into access.audit_link (${linkColumns}, boot, upto_xid, upto_seq)
values ($1, $2, $3, $4::uuid[], $5, $6, $7, $8::xid8, $9)`;

export function createChain(deps: {
  auditDb: Db;
  clock: { now(): number };
  boot: string;
  /** Hears what has become durable, each link's events at once; what it does with them waits for no one. */
  onLinked?: (rows: readonly EventRow[]) => void;
}): Chain {
  const { auditDb, clock, boot, onLinked } = deps;
  const fresh = (): Head => {
    const chain = randomUUID();
    return { chain, n: 0, hash: rootOf(chain), events: 0 };
  };
  let head = fresh();
  let last: Promise<unknown> = Promise.resolve();

  /** One link at a time: each needs the hash of the one before. */
  function link(
    rows: EventRow[],
    write: (next: Head & { digests: Buffer }) => Promise<unknown>,
  ): Promise<void> {
    const turn = last.then(async () => {
      const digests = rows.map(digestOf);
      const hash = fold(head.hash, digests);
      try {
        await write({ ...head, hash, digests: Buffer.concat(digests) });
        head = {
          chain: head.chain,
          n: head.n + 1,
          hash,
          events: head.events + rows.length,
        };
      } catch (error) {
        // Whether it was committed is unknown (the answer may have been lost), and this role cannot
        // look: the chain ends here, another begins.
        head = fresh();
        throw error;
      }
      onLinked?.(rows);
    });
    last = turn.catch(() => undefined);
    return turn;
  }

  return {
    head: () => head,
    append: (rows) =>
      link(rows, ({ chain, n, hash, digests }) =>
        auditDb.query({
          name: 'access.audit-append',
          inLine: true,
          text: insertBatch,
          values: [
            plain(rows, (row) => row.tenant),
            plain(rows, (row) => row.at),
            plain(rows, (row) => row.id),
            words(rows, (row) => row.request),
            plain(rows, (row) => row.who),
            words(rows, (row) => row.role),
            plain(rows, origin),
            plain(rows, (row) => row.verb),
            words(rows, (row) => row.action),
            plain(rows, (row) => row.type),
            plain(rows, (row) => row.rid),
            plain(rows, (row) => row.patients && `"${row.patients.join()}"`),
            words(rows, (row) => row.purpose),
            plain(rows, (row) => row.outcome),
            plain(rows, (row) => row.params && `"${row.params.join()}"`),
            plain(rows, (row) => bytes(row.body_hash)),
            boot,
            chain,
            n,
            clock.now(),
            digests,
            hash,
          ],
        }),
      ),
    cover: (rows, upTo) =>
      link(rows, ({ chain, n, hash, digests }) =>
        auditDb.query({
          name: 'access.audit-cover',
          text: insertCover,
          values: [
            chain,
            n,
            clock.now(),
            rows.map((row) => row.id),
            digests,
            hash,
            upTo.boot,
            upTo.xid,
            upTo.seq,
          ],
        }),
      ),
  };
}

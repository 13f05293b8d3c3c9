/** Seals and opens resource bodies; what is sealed is bound to every column that policy or order depends on. */
import { createHash } from 'node:crypto';
import type { DataKey, KeyRing, Log } from '@afar/platform';
import { aad, kidOf, open, seal } from '@afar/platform';
import { parseExact, Refusal } from '@afar/fhir';
import type { Indexed, Resource, SearchParam } from '@afar/fhir';
import { OpenedRows } from './opened-rows.ts';
import type { Stored, WriteVerb } from './types.ts';

/** A row of records.resource or records.history, as `rowColumns` selects it. */
export interface Row {
  type: string;
  rid: string;
  version: number;
  updated: number;
  verb: WriteVerb;
  deleted: boolean;
  at: number;
  until: number;
  owner: string | null;
  compartment_hash: Buffer;
  labels: (number | string)[];
  body: Buffer;
}

/** Select this, so that a row can be opened. */
export function rowColumns(alias: string): string {
  return [
    'type',
    'rid',
    'version',
    'updated',
    'verb',
    'deleted',
    'at',
    'until',
    'owner',
    'compartment_hash',
    'labels',
    'body',
  ]
    .map((column) => `${alias}.${column}`)
    .join(', ');
}

/** Everything of a row but its body: what the seal vouches for. */
export type RowFacts = Omit<Row, 'body'>;

export interface Vault {
  seal(tenant: number, facts: RowFacts, plain: Buffer | string, key: DataKey): Buffer;
  /**
   * The resource's JSON. Waits only when the key is not in memory.
   * @throws Refusal `internal` when the row was altered, swapped or rolled in from elsewhere; the log says which row
   */
  open(tenant: number, row: Row): Buffer | Promise<Buffer>;
  /** `open`, as a Stored. */
  stored<T extends Resource = Resource>(tenant: number, row: Row): Stored<T> | Promise<Stored<T>>;
  /** Forgets what these keys opened. */
  forget(kids: ReadonlySet<string>): void;
}

export function createVault({ keys, log }: { keys: KeyRing; log: Log }): Vault {
  const opened = new OpenedRows();

  function openWith(tenant: number, row: Row, key: DataKey): Buffer {
    const known = opened.find(tenant, key, row);
    if (known) return known;
    try {
      const plain = open(row.body, key, factsOf(tenant, row, key));
      opened.keep(tenant, key, row, plain);
      return plain;
    } catch (error) {
      // Never another patient's data: a row that does not open as what it claims to be is an incident.
      log.error(
        {
          err: error,
          tenant,
          type: row.type,
          rid: row.rid,
          version: row.version,
          alarm: 'sealed-row',
        },
        'a sealed row does not open: altered, swapped or damaged',
      );
      throw new Refusal('internal', { detail: 'a sealed row does not open', cause: error });
    }
  }

  function openRow(tenant: number, row: Row): Buffer | Promise<Buffer> {
    const kid = kidOf(row.body);
    const key = keys.cached(tenant, kid);
    if (key) return openWith(tenant, row, key);
    return keys.byId(tenant, kid).then((found) => openWith(tenant, row, found));
  }

  return {
    seal: (tenant, facts, plain, key) => seal(plain, key, factsOf(tenant, facts, key)),
    open: openRow,
    forget: (kids) => opened.forget(kids),
    stored<T extends Resource>(tenant: number, row: Row) {
      const json = openRow(tenant, row);
      return Buffer.isBuffer(json)
        ? new Opened<T>(row, json)
        : json.then((bytes) => new Opened<T>(row, bytes));
    },
  };
}

/** What the seal of a row under a key is bound to. */
export function factsOf(tenant: number, row: RowFacts, key: DataKey): Buffer {
  return aad(
    'resource',
    tenant,
    row.type,
    row.rid,
    row.version,
    row.updated,
    row.verb,
    row.deleted,
    row.at,
    row.until,
    key.kid,
    key.version,
    row.owner,
    row.compartment_hash,
    row.labels.map(String).join(),
  );
}

const nobodyElse = Buffer.alloc(0);

/** A hash over the patients a resource names besides its owner, so that an edit shows; empty for none. */
export function compartmentHash(others: readonly string[]): Buffer {
  if (others.length === 0) return nobodyElse;
  return createHash('sha256')
    .update([...new Set(others)].sort().join())
    .digest()
    .subarray(0, 16);
}

/** What was found in a body, for as long as its bytes are in memory: its id, and what its search parameters say. */
export interface Memo {
  id?: string;
  indexed: Map<SearchParam, Indexed>;
}

const memos = new WeakMap<Buffer, Memo>();

export function memoOf(json: Buffer): Memo {
  let memo = memos.get(json);
  if (!memo) memos.set(json, (memo = { indexed: new Map() }));
  return memo;
}

const leading = /^\{"resourceType":"[A-Za-z]+","id":"([A-Za-z0-9\-.]{1,64})"/;

/** A version read from the store. The body is parsed at the first look at `resource`. */
export class Opened<T extends Resource> implements Stored<T> {
  readonly type: string;
  readonly rid: string;
  readonly version: number;
  readonly updated: number;
  readonly deleted: boolean;
  readonly owner?: string;
  readonly verb: WriteVerb;
  readonly json: Buffer;
  readonly created?: boolean;
  readonly written?: boolean;
  #resource?: T;

  constructor(
    row: RowFacts,
    json: Buffer,
    { created, written }: { created?: boolean; written?: boolean } = {},
    resource?: T,
  ) {
    this.type = row.type;
    this.rid = row.rid;
    this.version = row.version;
    this.updated = row.updated;
    this.deleted = row.deleted;
    this.owner = row.owner ?? undefined;
    this.verb = row.verb;
    this.json = json;
    this.created = created;
    this.written = written;
    this.#resource = resource;
  }

  get resource(): T {
    return (this.#resource ??= parseExact(this.json.toString()) as T);
  }

  get id(): string {
    if (this.#resource) return this.#resource.id ?? this.rid;
    return (memoOf(this.json).id ??= this.#findId());
  }

  #findId(): string {
    // Type and id come first in every body sealed here: a page of results is not parsed for its ids.
    const found = leading.exec(this.json.toString('latin1', 0, 160));
    return found?.[1] ?? this.resource.id ?? this.rid;
  }
}

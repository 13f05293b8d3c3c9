/** What the record store promises: the shapes other rooms see. */
import type { FastifyPluginAsync } from 'fastify';
import type { Access, Caller } from '@afar/access';
import type { Bundle, Extension, Parameters, Resource, SearchQuery } from '@afar/fhir';
import type { Operation } from './operations/operation.ts';
import type { Grants } from './grants.ts';
import type { Holder } from './holders.ts';
import type { Speaking } from './speaking.ts';
import type { Walks } from './walk/walk.ts';
import type { Clock, Db, Events, KeyRing, Log, Meter, Queryable, Replicas } from '@afar/platform';

/** One version of a resource. `resource` is parsed when first asked for; `json` is what was sealed. */
export interface Stored<T extends Resource = Resource> {
  readonly resource: T;
  readonly json: Buffer;
  readonly type: string;
  /** The id in the address: the body's `id`. Equal to `rid` unless a client chose an id that is no UUID. */
  readonly id: string;
  readonly rid: string;
  readonly version: number;
  /** ms since epoch. */
  readonly updated: number;
  readonly deleted: boolean;
  /** rid of the patient it belongs to. */
  readonly owner?: string;
  readonly verb: WriteVerb;
  /** True when the request brought it to life (201). */
  readonly created?: boolean;
  /** True when this very call wrote it; not so when a condition matched or an answer is repeated. */
  readonly written?: boolean;
}

export type WriteVerb = 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface CreateOptions {
  /** The query of `If-None-Exist`, without the leading question mark [FHIR R4 http.html#ccreate]. */
  ifNoneExist?: string;
  idempotencyKey?: string;
}

export interface UpdateOptions {
  /** The version that must be current: a number, or an ETag `W/"3"` [FHIR R4 http.html#concurrency]. */
  ifMatch?: string | number;
  /** `*`: only if nothing is there yet [RFC 9110 13.1.2]. */
  ifNoneMatch?: string;
}

/** JSON Patch, or the Parameters of a FHIRPath Patch [FHIR R4 http.html#patch]. */
export type Patch = PatchOperation[] | Parameters;

export interface PatchOperation {
  op: string;
  path: string;
  from?: string;
  value?: unknown;
}

/** A committed change. Holds ids only: a listener that needs the content reads it as a caller. */
export interface Change {
  tenant: number;
  type: string;
  rid: string;
  version: number;
  verb: WriteVerb;
  owner?: string;
}

/** Serves a type that is computed, not stored (Slot, AuditEvent). It decides itself what the caller may see. */
export interface VirtualProvider {
  read(caller: Caller, id: string): Promise<Resource | undefined>;
  /**
   * Matches in a stable order, each with the key after which the stream can go on. A key without a resource ends the
   * page there: enough was looked at for one request.
   */
  stream(
    caller: Caller,
    query: SearchQuery,
    after?: string,
  ): AsyncIterable<{ key: string; resource?: Resource }>;
  /** What it is searched by, as `/metadata` says; absent: everything that is defined for the type. */
  searchParams?: readonly string[];
  /** Absent: nobody writes it through the interface. */
  writes?: VirtualWrites;
  /** Said of the type in `/metadata`. */
  extension?: Extension[];
}

/** Writes to a type that a room keeps in tables of its own. Role, scope and structure were asked before; rows are the room's to guard. */
export interface VirtualWrites {
  /** @returns what was kept, with id, versionId and lastUpdated */
  create(caller: Caller, resource: Resource): Promise<Resource>;
  /** @throws Refusal `version-conflict` when `version` is no longer the current one */
  update(caller: Caller, resource: Resource, version: number): Promise<Resource>;
  remove(caller: Caller, id: string): Promise<void>;
}

export interface RecordTx {
  /** The same transaction, for the domain room's own rows. */
  readonly sql: Queryable;
  create<T extends Resource>(resource: T, opts?: CreateOptions): Promise<Stored<T>>;
  update<T extends Resource>(resource: T, opts?: UpdateOptions): Promise<Stored<T>>;
  read<T extends Resource = Resource>(type: string, id: string): Promise<Stored<T>>;
  remove(type: string, id: string, opts?: UpdateOptions): Promise<void>;
  search(type: string, params: [string, string][]): Promise<Bundle>;
  /** Grants that no resource gives (break-glass, share links): for the house alone. */
  readonly grants: Grants;
  /** Seals a domain room's own value under a patient's key; `context` (table, column, row id) must be told again to open it. */
  sealFor(patient: string, context: string, plain: string): Promise<Buffer>;
  openFor(patient: string, context: string, sealed: Buffer): Promise<string>;
}

export interface HistoryPage {
  entries: Stored[];
  /** Give it back as `before` to go on; absent at the end. */
  next?: number;
}

export interface SearchCallOptions {
  /** `Prefer: handling=strict` [FHIR R4 search.html#handling]. */
  strict?: boolean;
  /** Told the patients whose data the answer holds: for the trail. */
  owners?: (patients: string[]) => void;
}

export interface Records {
  /** Mounted at /fhir/R4. */
  plugin: FastifyPluginAsync;
  read<T extends Resource = Resource>(caller: Caller, type: string, id: string): Promise<Stored<T>>;
  vread(caller: Caller, type: string, id: string, version: number): Promise<Stored>;
  /** Newest first. */
  history(
    caller: Caller,
    type: string,
    id: string,
    opts?: { count?: number; before?: number },
  ): Promise<HistoryPage>;
  search(
    caller: Caller,
    type: string,
    params: [string, string][],
    opts?: SearchCallOptions,
  ): Promise<Bundle>;
  /** Everything of some types or charts, in an order that does not move: for exports. */
  walks: Walks;
  create<T extends Resource>(caller: Caller, resource: T, opts?: CreateOptions): Promise<Stored<T>>;
  update<T extends Resource>(caller: Caller, resource: T, opts?: UpdateOptions): Promise<Stored<T>>;
  patch(
    caller: Caller,
    type: string,
    id: string,
    operations: Patch,
    opts?: UpdateOptions,
  ): Promise<Stored>;
  remove(caller: Caller, type: string, id: string, opts?: UpdateOptions): Promise<void>;
  /** A `batch` or a `transaction` [FHIR R4 http.html#transaction]. */
  transaction(caller: Caller, bundle: Bundle, opts?: { idempotencyKey?: string }): Promise<Bundle>;
  /** Several resources and a domain room's own rows in one transaction. The work may run more than once. */
  write<T>(caller: Caller, work: (tx: RecordTx) => Promise<T>): Promise<T>;
  /** Opens or seals a domain room's value outside a transaction: see RecordTx. */
  sealFor(caller: Caller, patient: string, context: string, plain: string): Promise<Buffer>;
  openFor(caller: Caller, patient: string, context: string, sealed: Buffer): Promise<string>;
  /** Live grants of a patient (rid), for her, her proxy and the house. @throws Refusal `forbidden` */
  holders(caller: Caller, patient: string): Promise<Holder[]>;
  /** Whether this person speaks for a patient (rid): she herself, or her proxy. Whoever was merely let in does not. */
  speaks(caller: Caller, patient: string): Promise<Speaking | undefined>;
  virtual(type: string, provider: VirtualProvider): void;
  /** Serves an operation of the FHIR interface: at its address, and in `/metadata`. */
  operation(operation: Operation): void;
  /** Gives search and validation the codes behind value sets. */
  terminology(port: Terminology): void;
  /** Hears every committed change of every process at least once while started. Returns the way to stop. */
  onChange(fn: (change: Change) => void): () => void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** What a room that knows code systems answers. `undefined`: it does not know the value set or system, which is no answer. */
export interface Terminology {
  /** Is the code in the value set (by canonical address), or in its system when no value set is named? */
  validateCode(
    caller: Caller,
    asked: { valueSet?: string; system?: string; code: string; display?: string },
  ): Promise<{ result: boolean; message?: string; display?: string } | undefined>;
  /** The codes of a value set; `complete` is false when there are more than `limit`. */
  expand(
    caller: Caller,
    valueSet: string,
    limit: number,
  ): Promise<{ codes: { system?: string; code: string }[]; complete: boolean } | undefined>;
  /** The code itself and everything below it in its system's hierarchy. */
  below(
    caller: Caller,
    code: { system: string; code: string },
    limit: number,
  ): Promise<{ codes: string[]; complete: boolean } | undefined>;
  /** The code itself and everything above it. */
  above(
    caller: Caller,
    code: { system: string; code: string },
    limit: number,
  ): Promise<{ codes: string[]; complete: boolean } | undefined>;
}

export interface RecordsDeps {
  db: Db;
  keys: KeyRing;
  clock: Clock;
  access: Access;
  events: Events;
  log: Log;
  /** Where reads of types that no grant opens may go (replicated.ts); absent: to `db`. */
  replicas?: Replicas;
  /** Without a slash at the end: `http://localhost:8080`. */
  baseUrl: string;
  /** A tenant's own; default: `baseUrl` for all. */
  baseUrlOf?(tenant: number): string;
  /** What becomes of a write that claims a profile nobody here knows: `accept` unless told. */
  unknownProfiles?: 'accept' | 'refuse';
  meter?: Meter;
  /** What one search may cost; smaller in tests. */
  searchLimits?: Partial<SearchLimits>;
}

export interface SearchLimits {
  /** Resources a hop of a chain may find for their ids to lead on. Default 1,000. */
  hops: number;
  /** Rows one request may look at, hops and all. Default 20,000: a second of one processor. */
  rows: number;
}

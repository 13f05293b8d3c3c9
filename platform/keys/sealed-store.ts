/** Where sealed values lie: every room names its own, so that a rotation reaches them all and none is forgotten. */
import type { Db, Queryable } from '../database/sql.ts';
import { kidOf, open, seal } from '../seal/seal.ts';
import type { DataKey } from './data-key.ts';
import { KeyErased } from './errors.ts';
import type { KeyRing } from './ring.ts';

export interface Walk {
  db: Db;
  keys: KeyRing;
  tenant: number;
  /** Where the last call ended. */
  after?: string | undefined;
  /** Rows looked at. */
  limit: number;
}

export interface Walked {
  /** Absent: the end. */
  next?: string;
  /** Rows looked at. */
  seen: number;
  /** Rows sealed anew. */
  moved: number;
  /** Rows that somebody was writing just then: looked at again in the next round. */
  busy: number;
}

/** What happens to what lies there when keys change. */
export type SealedFate =
  /** Sealed anew. */
  | 'resealed'
  /** Gone within a day by itself: the old key waits for that. */
  | 'expires'
  /** Never changed (the trail): the old key stays for as long as these are kept. */
  | 'kept';

export interface SealedStore {
  /** `records.resource`. */
  name: string;
  fate: SealedFate;
  /** Not in the database: a rotation finds every column there by itself, and this through here alone. */
  outside?: true;
  /** How many values lie under which key, by kid. Reads the whole store. */
  census(db: Queryable, tenant: number): Promise<Map<string, number>>;
  /** Seals a stretch anew under the keys that are current. Safe beside reads and writes, and to repeat. */
  reseal?(walk: Walk): Promise<Walked>;
}

/** The kid in the header of a sealed column (platform/seal: bytes 9 to 24), as text without hyphens. */
const kidIn = (column: string) => `encode(substring(${column} from 10 for 16), 'hex')`;

export function withHyphens(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** The census of a column. `table` and `column` are our own words, never a caller's. */
export async function columnCensus(
  db: Queryable,
  tenant: number,
  { table, column }: { table: string; column: string },
): Promise<Map<string, number>> {
  const { rows } = await db.query<{ kid: string; n: number }>(
    `select ${kidIn(column)} as kid, count(*) as n from ${table}
     where tenant = $1 and ${column} is not null group by 1`,
    [tenant],
  );
  return new Map(rows.map((row) => [withHyphens(row.kid), Number(row.n)]));
}

/** SQLSTATEs of who gave way: a lock held by somebody else, a deadlock. */
const gaveWay = new Set(['55P03', '40P01', '40001']);

/**
 * Does a batch in a transaction that never makes anybody wait for long: 0.2 s for a lock, then it gives way itself, well before
 * PostgreSQL looks for deadlocks (1 s).
 * @returns undefined when it gave way
 */
export async function givingWay<T>(
  db: Db,
  work: (tx: Queryable) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await db.tx(
      async (tx) => {
        await tx.query(`set local lock_timeout = '200ms'`);
        return work(tx);
      },
      { retries: 0 },
    );
  } catch (error) {
    const { code, cause } = error as { code?: string; cause?: { code?: string } };
    if (gaveWay.has(code ?? '') || gaveWay.has(cause?.code ?? '')) return undefined;
    throw error;
  }
}

export interface SealedTable<Row> {
  name: string;
  table: string;
  column: string;
  fate: SealedFate;
  /** The columns of a unique index, in its order, with their types; not the tenant. */
  id: Readonly<Record<string, string>>;
  /** Further columns that `bind` and `keysOf` need, as `t.name`; of `join`, with its alias. */
  columns?: readonly string[];
  /** Put after the table, which is `t`. */
  join?: string;
  /** What the seal under a key is bound to. */
  bind(tenant: number, row: Row, key: DataKey): Buffer;
  /** The keys rows should be under, undefined for those of who was erased; default: the clinic's. */
  keysOf?(walk: Walk, rows: readonly Row[]): Promise<(DataKey | undefined)[]>;
}

/** A table with one sealed column that is opened and sealed anew row by row. */
export function sealedTable<Row extends object>(spec: SealedTable<Row>): SealedStore {
  const { table, column, columns = [], join = '' } = spec;
  const ids = Object.entries(spec.id);
  const names = ids.map(([name]) => name);
  const selected = [...new Set([...names.map((name) => `t.${name}`), ...columns])];
  const key = names.map((name) => `t.${name}`).join(', ');
  const placed = (first: number) => ids.map(([, type], at) => `$${first + at}::${type}`).join(', ');

  async function page({ db, tenant, after, limit }: Walk) {
    const from = after === undefined ? [] : (JSON.parse(after) as string[]);
    const { rows } = await db.query<Row & { sealed: Buffer; at_id: string[] }>(
      `select ${selected.join(', ')}, t.${column} as sealed,
         array[${names.map((name) => `t.${name}::text`).join(', ')}] as at_id
       from ${table} t ${join} where t.tenant = $1 and t.${column} is not null
       ${after === undefined ? '' : `and (${key}) > (${placed(3)})`}
       order by ${key} limit $2`,
      [tenant, limit, ...from],
    );
    return rows;
  }

  async function reseal(walk: Walk): Promise<Walked> {
    const { db, keys, tenant, limit } = walk;
    const rows = await page(walk);
    const changed: { id: string[]; was: Buffer; fresh: Buffer }[] = [];
    const own = await keys.tenant(tenant);
    const wanted = await (spec.keysOf?.(walk, rows) ?? rows.map(() => own));
    for (const [at, row] of rows.entries()) {
      const to = wanted[at];
      const kid = kidOf(row.sealed);
      if (!to || kid === to.kid) continue;
      try {
        const from = await keys.byId(tenant, kid);
        const plain = open(row.sealed, from, spec.bind(tenant, row, from));
        const fresh = seal(plain, to, spec.bind(tenant, row, to));
        changed.push({ id: row.at_id, was: row.sealed, fresh });
      } catch (error) {
        // What an erased key sealed is gone, and stays as it is.
        if (!(error instanceof KeyErased)) throw error;
      }
    }
    let moved = 0;
    if (changed.length > 0) {
      const values = [
        tenant,
        changed.map((one) => one.was),
        changed.map((one) => one.fresh),
        ...ids.map((_, at) => changed.map((one) => one.id[at])),
      ];
      const done = await givingWay(db, (tx) =>
        tx.query(
          `update ${table} t set ${column} = x.fresh from
             unnest($2::bytea[], $3::bytea[], ${ids.map(([, type], at) => `$${4 + at}::text[]::${type}[]`).join(', ')})
               as x(was, fresh, ${names.map((name) => `id_${name}`).join(', ')})
           where t.tenant = $1 and ${names.map((name) => `t.${name} = x.id_${name}`).join(' and ')}
             and t.${column} = x.was`,
          values,
        ),
      );
      moved = done?.rowCount ?? 0;
    }
    const last = rows.length < limit ? undefined : rows.at(-1);
    return {
      seen: rows.length,
      moved,
      busy: changed.length - moved,
      ...(last && { next: JSON.stringify(last.at_id) }),
    };
  }

  return {
    name: spec.name,
    fate: spec.fate,
    census: (db, tenant) => columnCensus(db, tenant, { table, column }),
    ...(spec.fate === 'resealed' && { reseal }),
  };
}

/** A column that is counted and left as it is. */
export function countedColumn(spec: {
  name: string;
  table: string;
  column: string;
  fate: 'expires' | 'kept';
}): SealedStore {
  return {
    name: spec.name,
    fate: spec.fate,
    census: (db, tenant) => columnCensus(db, tenant, spec),
  };
}

/** The directory of every clinic in memory: loaded once, then kept level with the table by one index probe a query. */
import type { Criterion } from '@afar/fhir';
import type { KeyRing, Log, Queryable, Sql } from '@afar/platform';
import { KeyErased, kidOf } from '@afar/platform';
import { answersInDirectory } from './matches.ts';
import { directoryTypes, demographic, openDirectoryRow } from './entry.ts';
import { Register } from './register.ts';
import type { Found, RegisterQuery } from './register.ts';

/** A row of records.directory; `xmin` is the snapshot's horizon, `own` that the reader's own transaction wrote it. */
export interface TailRow {
  type: string;
  rid: string;
  seq: number;
  xid: string;
  sealed: Buffer | null;
  deleted: boolean;
  xmin: string;
  own: boolean;
}

export interface DirectoryQuery extends RegisterQuery {
  type: string;
}

export interface Directory {
  /** Whether the directory answers this parameter of this type. */
  answers(type: string, criterion: Criterion): boolean;
  /** Loads the clinic's entries if they are not in memory yet; waits for it. Constant memory beside the entries. */
  load(sql: Queryable, tenant: number): Promise<void>;
  /** The entries this process has not seen: union it to a statement, or run it alone. Empty in the steady state. */
  tail(tenant: number): Sql;
  /**
   * Takes rows of `tail` in. Rows of a transaction that is still open are kept apart: they come back as `open`,
   * to be searched over for this statement only. `more` means that the tail was cut: run it again.
   */
  take(tenant: number, rows: TailRow[]): Promise<{ open?: Overlay; more: boolean; news: boolean }>;
  /** Takes in what has been written, without waiting for the next search to ask for it. */
  follow(sql: Queryable, tenant: number): Promise<void>;
  /** Another number after each entry that was taken in: an answer of `find` may have changed since. */
  version(tenant: number): number;
  /** The first matches in order, whoever may see them: the policy comes after, in SQL. Needs `load`. */
  find(tenant: number, query: DirectoryQuery, open?: Overlay): Found[];
  /** How many match; as `find`, before any policy. */
  count(tenant: number, type: string, criteria: Criterion[], now: number): number;
  /** Entries in memory: of one type, or all. */
  size(tenant: number, type?: string): number;
}

/** What an open transaction has written: seen by itself alone. */
export type Overlay = Map<string, { register: Register; hidden: Set<string> }>;

interface Clinic {
  registers: Map<string, Register>;
  /** Every transaction below it had ended at the last look: nothing new can appear there. */
  horizon: bigint;
  /** Rows at or above the horizon that were taken in already, and their transaction. */
  seen: Map<number, bigint>;
  loading?: Promise<void>;
  loaded: boolean;
  version: number;
}

/** 2,000 rows of about 400 B: a tail that is longer is read in several goes. */
const batch = 2_000;

export function createDirectory({ keys, log }: { keys: KeyRing; log: Log }): Directory {
  const clinics = new Map<number, Clinic>();

  function clinicOf(tenant: number): Clinic {
    let clinic = clinics.get(tenant);
    if (!clinic) {
      clinic = { registers: new Map(), horizon: 0n, seen: new Map(), loaded: false, version: 0 };
      clinics.set(tenant, clinic);
    }
    return clinic;
  }

  async function apply(registers: Map<string, Register>, tenant: number, row: TailRow) {
    let register = registers.get(row.type);
    if (!register) registers.set(row.type, (register = new Register()));
    // Deleted keeps its row; emptied without being deleted: the patient was erased, and nothing of her stays here.
    if (row.deleted) return register.remove(row.rid);
    if (!row.sealed) return register.erase(row.rid);
    try {
      const kid = kidOf(row.sealed);
      const key = keys.cached(tenant, kid) ?? (await keys.byId(tenant, kid));
      const at = { tenant, type: row.type, rid: row.rid, key };
      register.put(row.rid, openDirectoryRow(row.sealed, at));
    } catch (error) {
      register.remove(row.rid);
      // An erased patient has no name any more. Anything else that does not open was altered: leave it out, loudly.
      if (!(error instanceof KeyErased)) {
        log.error(
          { err: error, tenant, type: row.type, rid: row.rid, alarm: 'sealed-row' },
          'a directory row does not open',
        );
      }
    }
  }

  async function take(tenant: number, rows: TailRow[]) {
    const clinic = clinicOf(tenant);
    let open: Overlay | undefined;
    let news = false;
    for (const row of rows) {
      if (row.own) {
        open ??= new Map();
        await overlay(open, tenant, row);
        news = true;
      } else if (!clinic.seen.has(row.seq)) {
        await apply(clinic.registers, tenant, row);
        clinic.version++;
        clinic.seen.set(row.seq, BigInt(row.xid));
        news = true;
      }
    }
    const more = rows.length >= batch;
    // The horizon moves only once everything below it was taken in. An open transaction's own row hides the committed
    // one it replaces, so what it sees is no ground to move on.
    const horizon = rows[0] && !more && !open ? BigInt(rows[0].xmin) : clinic.horizon;
    if (horizon > clinic.horizon) {
      clinic.horizon = horizon;
      for (const [seq, xid] of clinic.seen) if (xid < horizon) clinic.seen.delete(seq);
    }
    return { open, more, news };
  }

  async function overlay(open: Overlay, tenant: number, row: TailRow) {
    let layer = open.get(row.type);
    if (!layer) open.set(row.type, (layer = { register: new Register(), hidden: new Set() }));
    layer.hidden.add(row.rid);
    await apply(new Map([[row.type, layer.register]]), tenant, row);
  }

  async function fill(sql: Queryable, tenant: number, clinic: Clinic) {
    // Taken before the first row is read: what commits meanwhile is at or above it and comes by the tail.
    const { rows } = await sql.query<{ xmin: string }>(
      'select pg_snapshot_xmin(pg_current_snapshot())::text as xmin',
    );
    let after = { type: '', rid: '00000000-0000-0000-0000-000000000000' };
    for (;;) {
      const page = await sql.query<TailRow>({
        name: 'records.directory-load',
        text: `select d.type, d.rid, d.sealed, d.deleted from records.directory d
               where d.tenant = $1 and (d.type, d.rid) > ($2, $3::uuid) and not d.deleted
               order by d.type, d.rid limit $4`,
        values: [tenant, after.type, after.rid, batch],
      });
      for (const row of page.rows) await apply(clinic.registers, tenant, row);
      const last = page.rows.at(-1);
      if (!last || page.rows.length < batch) break;
      after = last;
    }
    clinic.horizon = BigInt(rows[0]!.xmin);
    clinic.loaded = true;
  }

  function tail(tenant: number): Sql {
    const clinic = clinicOf(tenant);
    return {
      name: 'records.directory-tail',
      text: tailText('$1', '$2', '$3'),
      values: [tenant, String(clinic.horizon), [...clinic.seen.keys()]],
    };
  }

  return {
    answers: (type, criterion) =>
      directoryTypes.has(type) && answersInDirectory(criterion, demographic),
    async load(sql, tenant) {
      const clinic = clinicOf(tenant);
      if (clinic.loaded) return;
      clinic.loading ??= fill(sql, tenant, clinic).finally(() => {
        clinic.loading = undefined;
      });
      await clinic.loading;
    },
    tail,
    take,
    async follow(sql, tenant) {
      for (let more = clinicOf(tenant).loaded; more;)
        ({ more } = await take(tenant, (await sql.query<TailRow>(tail(tenant))).rows));
    },
    version: (tenant) => clinicOf(tenant).version,
    find(tenant, query, open) {
      const register = clinicOf(tenant).registers.get(query.type);
      const layer = open?.get(query.type);
      if (!layer) return register?.find(query) ?? [];
      // Rare and small: a transaction's own writes, over what everyone sees.
      const wide = { ...query, limit: query.limit + layer.hidden.size };
      const base = (register?.find(wide) ?? []).filter((found) => !layer.hidden.has(found.rid));
      return Register.merge([base, layer.register.find(query)], query);
    },
    count: (tenant, type, criteria, now) =>
      clinicOf(tenant).registers.get(type)?.count(criteria, now) ?? 0,
    size(tenant, type) {
      const { registers } = clinicOf(tenant);
      if (type !== undefined) return registers.get(type)?.size ?? 0;
      return [...registers.values()].reduce((sum, register) => sum + register.size, 0);
    },
  };
}

/** One probe of directory_tail (tenant, xid, seq): nothing beyond the horizon, nothing to read. */
export function tailText(tenant: string, horizon: string, seen: string): string {
  return `select d.type, d.rid, d.seq, d.xid::text as xid, d.sealed, d.deleted,
      pg_snapshot_xmin(pg_current_snapshot())::text as xmin,
      d.xid is not distinct from pg_current_xact_id_if_assigned() as own
    from records.directory d
    where d.tenant = ${tenant} and d.xid >= ${horizon}::text::xid8 and d.seq <> all(${seen}::bigint[])
    order by d.xid, d.seq limit ${batch}`;
}

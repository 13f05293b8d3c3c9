/** Walks over everything a caller may see of some types or charts: in an order that does not move, a page at a time. */
import type { Caller } from '@afar/access';
import { may } from '@afar/access';
import { index, patientsOf, Refusal } from '@afar/fhir';
import { KeyErased } from '@afar/platform';
import type { Sql } from '@afar/platform';
import { isRid } from '../aliases.ts';
import { inScope } from '../checks.ts';
import type { RecordsContext } from '../context.ts';
import { Params, ruleOf, scoped } from '../scoped.ts';
import type { Stored } from '../types.ts';
import type { Row } from '../vault.ts';
import { chartParams } from './compartment-params.ts';
import { erasedAmong, standingOf } from './rights.ts';
import { alongCharts, alongType } from './statements.ts';
import type { Step } from './statements.ts';

/** What a walk passes by. All instants in ms since epoch. */
export interface WalkFilter {
  /** Changed at this instant or later. */
  since?: number;
  /** Changed at this instant or before. */
  until?: number;
  /** Care from here on, by the type's clinical date; what has none is not passed by. */
  careFrom?: number;
  /** Care before this instant. */
  careBefore?: number;
  /** Only what was deleted, where otherwise only what is there comes. */
  deleted?: boolean;
}

/** A walk along the rows of one type. */
export interface TypeWalk extends WalkFilter {
  type: string;
  /** Only what belongs to a patient. */
  inCharts?: boolean;
  /** Only what belongs to one of these (rids). */
  owners?: readonly string[];
}

/** A walk along what points at each of some resources (patients, as a rule), in their order. */
export interface ChartWalk extends WalkFilter {
  /** rids, in ascending order, each once. */
  of: readonly string[];
  target: 'Patient' | 'Encounter';
  /** Ascending. */
  types: readonly string[];
}

/** Where a walk stands: the last row it looked at, shown or not. */
export interface WalkKey {
  /** Whose chart, in a walk along charts. */
  of: string;
  type: string;
  rid: string;
}

export interface WalkPage {
  docs: Stored[];
  /** Where each of them stands: a walk may go on after any. */
  keys: WalkKey[];
  /** Absent at the end. */
  next?: WalkKey;
}

export interface Walks {
  /** @throws Refusal `forbidden` when the role may not read and search the type */
  type(
    caller: Caller,
    walk: TypeWalk,
    after: WalkKey | undefined,
    limit: number,
  ): Promise<WalkPage>;
  /** Types the role may not read and search are left out. Each resource comes once, however many of the charts it stands in. */
  charts(
    caller: Caller,
    walk: ChartWalk,
    after: WalkKey | undefined,
    limit: number,
  ): Promise<WalkPage>;
  /**
   * The patients whose charts the caller holds at this instant, ascending. For a caller who holds all, `most` of them at
   * most: undefined when there are more, or when `most` is not given.
   */
  panel(caller: Caller, most?: number): Promise<string[] | undefined>;
  /** See `standingOf`. */
  standing(caller: Caller, patients: readonly string[]): Promise<Buffer | undefined>;
  /** See `erasedAmong`. */
  erased(tenant: number, patients: readonly string[]): Promise<Set<string>>;
}

/** Charts looked into by one statement at first; it grows while they are thin. */
const firstCharts = 8;
const mostCharts = 512;

/** Finding takes `s`, telling takes `r` [SMART App Launch 2.2 scopes]: a walk does both. */
export function mayWalk(caller: Caller, type: string): boolean {
  return may(caller, 'search', type) && may(caller, 'read', type);
}

export function createWalks(ctx: RecordsContext): Walks {
  async function opened(caller: Caller, row: Row): Promise<Stored | undefined> {
    try {
      const stored = await ctx.vault.stored(caller.tenant, row);
      // A body that says it was deleted has nothing a granular scope could be judged by: it is outside.
      return inScope(caller, 'search', stored) && inScope(caller, 'read', stored)
        ? stored
        : undefined;
    } catch (error) {
      if (error instanceof KeyErased) return undefined;
      throw error;
    }
  }

  const step = async (sql: Sql): Promise<Step[]> => (await ctx.db.query<Step>(sql)).rows;

  return {
    async type(caller, walk, after, limit) {
      if (!mayWalk(caller, walk.type)) throw new Refusal('forbidden');
      if (ctx.virtuals.has(walk.type)) return { docs: [], keys: [] };
      const rows = await step(alongType(caller, walk, after?.rid, limit));
      const docs: Stored[] = [];
      const keys: WalkKey[] = [];
      for (const row of rows) {
        const doc = row.body && (await opened(caller, row as Row));
        if (!doc) continue;
        docs.push(doc);
        keys.push(keyOf(row));
      }
      if (rows.length < limit) return { docs, keys };
      return { docs, keys, next: keyOf(rows.at(-1)!) };
    },

    async charts(caller, walk, after, limit) {
      const types = walk.types.filter((type) => mayWalk(caller, type) && !ctx.virtuals.has(type));
      if (types.length === 0) return { docs: [], keys: [] };
      const wanted = { ...walk, types };
      const among = new Set(walk.of);
      let at = after ? firstFrom(walk.of, after.of) : 0;
      let charts = firstCharts;
      let from = after;
      while (at < walk.of.length) {
        const some = walk.of.slice(at, at + charts);
        const rows = await step(alongCharts(caller, wanted, some, from, limit));
        const docs: Stored[] = [];
        const keys: WalkKey[] = [];
        for (const row of rows) {
          if (!row.body || !isFirst(row, among)) continue;
          const doc = await opened(caller, row as Row);
          if (!doc || !belongs(doc, row, walk)) continue;
          docs.push(doc);
          keys.push(keyOf(row));
        }
        const full = rows.length >= limit;
        const next = full ? keyOf(rows.at(-1)!) : endOf(some, types);
        if (full) return { docs, keys, next };
        at += some.length;
        from = undefined;
        if (at >= walk.of.length) return { docs, keys };
        if (docs.length > 0) return { docs, keys, next };
        charts = Math.min(2 * charts, mostCharts);
      }
      return { docs: [], keys: [] };
    },

    standing: (caller, patients) => standingOf(ctx.db, caller, patients),
    erased: (tenant, patients) => erasedAmong(ctx, tenant, patients),

    async panel(caller, most) {
      const params = new Params();
      if (caller.wildcard) {
        if (most === undefined) return undefined;
        const table = scoped('Patient', 'r', caller, params, { verb: 'search' });
        const { rows } = await ctx.db.query<{ rid: string }>({
          text: `select r.rid from ${table.from} where ${table.where} and not r.deleted order by r.rid limit ${params.add(most + 1)}::int`,
          values: params.values,
        });
        return rows.length > most ? undefined : rows.map((row) => row.rid);
      }
      const tenant = params.add(caller.tenant);
      const principals = params.add(caller.principals);
      const now = params.add(caller.at);
      const { rows } = await ctx.db.query<{ patient: string }>({
        name: 'records.walk-panel',
        text: `select distinct g.patient from records."grant" g where g.tenant = ${tenant}
                 and g.principal = any(${principals}::uuid[])
                 and g.starts <= ${now}::bigint and g.ends > ${now}::bigint order by g.patient`,
        values: params.values,
      });
      const held = rows.map((row) => row.patient);
      return caller.only === undefined ? held : held.filter((one) => one === caller.only);
    },
  };
}

const keyOf = ({ chart, ctype, crid }: Step): WalkKey => ({ of: chart, type: ctype, rid: crid });

/** After everything of the last of some charts: no type sorts behind this. */
const endOf = (charts: readonly string[], types: readonly string[]): WalkKey => ({
  of: charts.at(-1)!,
  type: types.at(-1)!,
  rid: 'ffffffff-ffff-ffff-ffff-ffffffffffff',
});

/** The first place of an ascending list that is not before `from`. */
function firstFrom(list: readonly string[], from: string): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (list[middle]! < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** A resource that stands in several of the charts comes with the first of them. */
function isFirst({ chart, ctype, crid, earlier }: Step, among: ReadonlySet<string>): boolean {
  // A Patient who is walked herself comes as herself.
  if (ctype === 'Patient') return crid === chart || !among.has(crid);
  return !earlier?.some((one) => among.has(one));
}

/** An edge is a clear row: the sealed row, or the body, has the last word on whose chart it is in. */
function belongs(doc: Stored, { chart }: Step, { target }: ChartWalk): boolean {
  if (doc.owner === chart || doc.rid === chart) return true;
  const named =
    target === 'Patient'
      ? patientsOf(doc.resource)
      : index(doc.resource).references.flatMap(({ type, id }) =>
          type === target && id ? [id] : [],
        );
  // An id that is no rid stands in the body as the client wrote it.
  return named.some((id) => id === chart || !isRid(id));
}

/** True when a walk along charts can find what a patient owns of this type; else the rows themselves must be looked at. */
export function isFoundByChart(type: string): boolean {
  return type === 'Patient' || (ruleOf(type) === 'grant' && chartParams(type).length > 0);
}

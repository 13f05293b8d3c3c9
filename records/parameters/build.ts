/**
 * Builds the index of the clinic's own search parameters over what was there before them, a stretch at a time beside reads and
 * writes. Nobody has to hear of a new parameter: it is found by comparing the stored resources with what is known of them, so that
 * a process that ended at the wrong moment loses nothing.
 */
import type { Resource } from '@afar/fhir';
import { KeyErased } from '@afar/platform';
import type { Queryable } from '@afar/platform';
import { isRid } from '../aliases.ts';
import type { RecordsContext } from '../context.ts';
import { rowColumns } from '../vault.ts';
import type { Row } from '../vault.ts';
import { factsOf, indexKeysOf } from '../write/facts.ts';
import type { Facts } from '../write/facts.ts';
import { namesOf, withLocalReferences } from '../write/names.ts';
import { compileOwn, isOwn } from './definition.ts';
import { staleAfterMs } from './registry.ts';
import type { ParameterSet } from './registry.ts';
import { fhirUrlOf } from '../fhir-url.ts';

export interface Building {
  /** One stretch of work; false when there was none. Safe from many processes: one works at a time. */
  step(): Promise<boolean>;
  start(): void;
  stop(): Promise<void>;
}

/** Every process knows of a parameter after `staleAfterMs`; 2 s more for what it had begun. */
const graceMs = staleAfterMs + 2_000;
/** Rows of one stretch: some 30 ms of work, after which requests have their turn. */
const stretch = 200;
const everyMs = 1_000;
/** While there is work, a breath between stretches: a quarter of one core at most is spent on it. */
const breathMs = 100;

interface State {
  tenant: number;
  rid: string;
  version: number;
  state: string;
  announced: number;
  after_type: string | null;
  after_rid: string | null;
}

export function createBuilding(ctx: RecordsContext): Building {
  const { db, clock, log } = ctx;
  let timer: NodeJS.Timeout | undefined;
  let under: Promise<unknown> = Promise.resolve();
  let stopped = false;

  /** Whatever SearchParameter is not known in its present version is announced (or ignored). */
  async function announce(sql: Queryable): Promise<void> {
    const { rows } = await sql.query<Row & { tenant: number }>({
      name: 'records.parameters-unknown',
      text: `select r.tenant, ${rowColumns('r')} from records.resource r
        left join records.parameter p on p.tenant = r.tenant and p.rid = r.rid
        where r.type = 'SearchParameter' and p.version is distinct from r.version limit 500`,
      values: [],
    });
    for (const row of rows) {
      const state = (await isUsable(row)) ? 'announced' : 'ignored';
      await sql.query({
        name: 'records.parameter-announce',
        text: `insert into records.parameter (tenant, rid, version, state, announced, updated)
          values ($1, $2, $3, $4, $5, $5)
          on conflict (tenant, rid) do update set version = excluded.version, state = excluded.state,
            announced = excluded.announced, xid = pg_current_xact_id(), after_type = null, after_rid = null,
            seen = 0, moved = 0, total = 0, updated = excluded.updated`,
        values: [row.tenant, row.rid, row.version, state, clock.now()],
      });
    }
  }

  async function isUsable(row: Row & { tenant: number }): Promise<boolean> {
    if (row.deleted) return false;
    const resource = JSON.parse((await ctx.vault.open(row.tenant, row)).toString()) as Resource;
    if (!isOwn(resource)) return false;
    try {
      return compileOwn(resource).size > 0;
    } catch {
      return false;
    }
  }

  async function typesOf(sql: Queryable, { tenant, rid }: State): Promise<string[]> {
    const { rows } = await sql.query<Row>({
      name: 'records.parameter-resource',
      text: `select ${rowColumns('r')} from records.resource r
        where r.tenant = $1 and r.type = 'SearchParameter' and r.rid = $2`,
      values: [tenant, rid],
    });
    const resource = JSON.parse((await ctx.vault.open(tenant, rows[0]!)).toString()) as Resource;
    return isOwn(resource) ? [...compileOwn(resource).keys()].sort() : [];
  }

  /** Once every process knows it and nothing that was begun before can still be written. */
  async function begin(sql: Queryable): Promise<void> {
    const { rows } = await sql.query<State>({
      name: 'records.parameters-due',
      text: `select * from records.parameter where state = 'announced' and announced <= $1
        and xid < pg_snapshot_xmin(pg_current_snapshot())`,
      values: [clock.now() - graceMs],
    });
    for (const one of rows)
      await sql.query({
        name: 'records.parameter-begin',
        text: `update records.parameter p set state = 'building', updated = $4,
            total = (select count(*) from records.resource r where r.tenant = $1 and r.type = any($3::text[]))
          where p.tenant = $1 and p.rid = $2`,
        values: [one.tenant, one.rid, await typesOf(sql, one), clock.now()],
      });
  }

  async function build(sql: Queryable): Promise<boolean> {
    const { rows } = await sql.query<State>({
      name: 'records.parameter-next',
      text: `select * from records.parameter where state = 'building' order by announced, rid limit 1`,
      values: [],
    });
    const [state] = rows;
    if (!state) return false;
    const { tenant } = state;
    const types = await typesOf(sql, state);
    const set = await ctx.parameters.refresh(sql, tenant);
    const page = await stretchOf(sql, state, types);
    const moved = await index(sql, tenant, page, set, types);
    const last = page.at(-1);
    await sql.query({
      name: 'records.parameter-progress',
      text: `update records.parameter set state = $4, after_type = $5, after_rid = $6, seen = seen + $7,
          moved = moved + $8, updated = $9
        where tenant = $1 and rid = $2 and version = $3`,
      values: [
        tenant,
        state.rid,
        state.version,
        page.length < stretch ? 'ready' : 'building',
        last?.type ?? state.after_type,
        last?.rid ?? state.after_rid,
        page.length,
        moved,
        clock.now(),
      ],
    });
    if (page.length < stretch) log.info({ rid: state.rid }, 'a search parameter is indexed');
    return true;
  }

  async function stretchOf(
    sql: Queryable,
    { tenant, after_type, after_rid }: State,
    types: string[],
  ): Promise<Row[]> {
    const { rows } = await sql.query<Row>({
      name: after_type === null ? 'records.parameter-rows' : 'records.parameter-rows-on',
      text: `select ${rowColumns('r')} from records.resource r where r.tenant = $1 and r.type = any($2::text[])
        ${after_type === null ? '' : 'and (r.type, r.rid) > ($4, $5::uuid)'}
        order by r.type, r.rid limit $3`,
      values: [tenant, types, stretch, ...(after_type === null ? [] : [after_type, after_rid])],
    });
    return rows;
  }

  /** @returns rows that got something new */
  async function index(
    sql: Queryable,
    tenant: number,
    rows: readonly Row[],
    set: ParameterSet,
    types: readonly string[],
  ): Promise<number> {
    const own = new Set(types.flatMap((type) => set.own(type)));
    const tenantKey = await ctx.keys.tenant(tenant);
    const owners = rows.flatMap(({ owner }) => (owner ? [owner] : []));
    const keys = await ctx.ownerKeys.of(sql, tenant, [...new Set(owners)]);
    const found: { row: Row; facts: Facts }[] = [];
    for (const row of rows) {
      const key = row.owner ? keys.get(row.owner) : tenantKey;
      if (row.deleted || !key) continue;
      try {
        const resource = JSON.parse((await ctx.vault.open(tenant, row)).toString()) as Resource;
        const intent = { verb: row.verb, type: row.type, id: resource.id!, rid: row.rid, resource };
        const { indexed } = withLocalReferences(intent, `${fhirUrlOf(ctx, tenant)}/`, set);
        const names = await namesOf(ctx, sql, tenant, [indexed]);
        const ridOf = (type: string, id: string) => (isRid(id) ? id : names.ridOf(type, id));
        const facts = factsOf(resource, indexed!, indexKeysOf(tenantKey, key), ridOf, row.updated);
        found.push({ row, facts });
      } catch (error) {
        if (!(error instanceof KeyErased)) throw error;
      }
    }
    return add(sql, tenant, found, own);
  }

  async function add(
    sql: Queryable,
    tenant: number,
    found: readonly { row: Row; facts: Facts }[],
    own: ReadonlySet<string>,
  ): Promise<number> {
    if (found.length === 0) return 0;
    const periods = found.flatMap(({ row, facts }) =>
      facts.periods.filter(({ param }) => own.has(param)).map((period) => ({ row, period })),
    );
    const edges = found.flatMap(({ row, facts }) =>
      facts.edges
        .map((edge) => ({ row, edge, params: edge.params.filter((param) => own.has(param)) }))
        .filter(({ params }) => params.length > 0),
    );
    const { rows } = await sql.query<{ moved: number }>({
      name: 'records.parameter-add',
      text: addRows,
      values: [
        tenant,
        found.map(({ row }) => row.type),
        found.map(({ row }) => row.rid),
        found.map(({ row }) => row.version),
        found.map(({ facts }) => `{${facts.tokens.join()}}`),
        periods.map(({ row }) => row.type),
        periods.map(({ row }) => row.rid),
        periods.map(({ row }) => row.version),
        periods.map(({ period }) => period.param),
        periods.map(({ period }) => period.starts),
        periods.map(({ period }) => period.until),
        edges.map(({ row }) => row.type),
        edges.map(({ row }) => row.rid),
        edges.map(({ row }) => row.version),
        edges.map(({ edge }) => edge.targetType),
        edges.map(({ edge }) => edge.target),
        edges.map(({ params }) => `{${params.join()}}`),
      ],
    });
    return rows[0]!.moved;
  }

  // On one connection throughout: a second one, asked for while the first is held, is how a pool comes to a stand.
  function step(): Promise<boolean> {
    return db.tx(async (tx) => {
      const { rows } = await tx.query<{ free: boolean }>(
        'select pg_try_advisory_xact_lock(7167, 1) as free',
      );
      if (!rows[0]!.free) return false;
      await announce(tx);
      await begin(tx);
      return build(tx);
    });
  }

  function soon(ms: number): void {
    if (stopped) return;
    timer = setTimeout(() => {
      under = step().then(
        (busy) => soon(busy ? breathMs : everyMs),
        (error: unknown) => {
          log.warn({ err: error }, 'search parameters could not be indexed');
          soon(everyMs);
        },
      );
    }, ms);
    timer.unref();
  }

  return {
    step,
    start: () => soon(everyMs),
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await under;
    },
  };
}

/** The version is what it was when it was read; a later one was indexed by all parameters when it was written. */
const addRows = `with x as (
    select * from unnest($2::text[], $3::uuid[], $4::int[], $5::text[]) as x(type, rid, version, tokens)),
  held as materialized (
    select r.type, r.rid, r.at, r.version, x.tokens::bigint[] as tokens, r.tokens as before from records.resource r
      join x on r.tenant = $1 and r.type = x.type and r.rid = x.rid and r.version = x.version
    order by r.type, r.rid for update of r),
  moved as (
    update records.resource r set tokens = h.tokens from held h
    where r.tenant = $1 and r.type = h.type and r.rid = h.rid and not (h.before @> h.tokens)
    returning 1),
  born as (
    insert into records.token (tenant, token, at, rid)
    select $1, n, h.at, h.rid from held h, unnest(h.tokens) n where not (h.before @> array[n])
    on conflict do nothing),
  dated as (
    insert into records.period (tenant, type, param, starts, until, rid)
    select $1, p.type, p.param, p.starts, p.until, p.rid
    from unnest($6::text[], $7::uuid[], $8::int[], $9::text[], $10::bigint[], $11::bigint[])
      as p(type, rid, version, param, starts, until)
    join held h on h.type = p.type and h.rid = p.rid and h.version = p.version
    on conflict do nothing),
  linked as (
    insert into records.edge as e (tenant, source_type, source, target_type, target, params)
    select $1, n.type, n.rid, n.target_type, n.target, n.params::text[]
    from unnest($12::text[], $13::uuid[], $14::int[], $15::text[], $16::uuid[], $17::text[])
      as n(type, rid, version, target_type, target, params)
    join held h on h.type = n.type and h.rid = n.rid and h.version = n.version
    on conflict (tenant, source, source_type, target, target_type) do update
      set params = (select array_agg(distinct one) from unnest(e.params || excluded.params) one))
  select count(*)::int as moved from moved`;

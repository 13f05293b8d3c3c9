/** The clinic's own search parameters, in the memory of every process: what a write is indexed by and a search may ask for. */
import { indexFound, searchParams } from '@afar/fhir';
import type { Indexed, Resource, SearchParam, SearchParams } from '@afar/fhir';
import type { Db, Log, Queryable } from '@afar/platform';
import { rowColumns } from '../vault.ts';
import type { Row, Vault } from '../vault.ts';
import { compileOwn, isOwn } from './definition.ts';

export interface ParameterSet {
  /** The standard's and the clinic's own. */
  readonly lookup: SearchParams;
  /** Own parameters that bodies answer, not the index: it is not whole yet, or there is none because it would tell too much. */
  onBody(type: string, code: string): boolean;
  /** Adds to an index what the clinic's own parameters find. The same object when there are none for the type. */
  extend(resource: Resource, indexed: Indexed): Indexed;
  /** Codes of own parameters of a type. */
  own(type: string): readonly string[];
}

export interface Parameters {
  /** What is known now; undefined when it was not looked at lately: then `load`. */
  current(tenant: number): ParameterSet | undefined;
  load(tenant: number, sql?: Queryable): Promise<ParameterSet>;
  /** Looks again now. */
  refresh(sql: Queryable, tenant: number): Promise<ParameterSet>;
  start(): void;
  stop(): void;
}

/** The standard's alone: what nearly every clinic has. */
export const standardOnly: ParameterSet = {
  lookup: searchParams,
  onBody: () => false,
  extend: (_resource, indexed) => indexed,
  own: () => [],
};

/** How often a process looks; one that could not for longer does not write by what it knew. */
const lookEveryMs = 1_000;
export const staleAfterMs = 3_000;

interface Known {
  set: ParameterSet;
  stamp: string;
  /** performance.now() of the beginning of the latest look. */
  looked: number;
}

interface State {
  rid: string;
  version: number;
  state: string;
}

export function createParameters({
  db,
  vault,
  log,
}: {
  db: Db;
  vault: Pick<Vault, 'open'>;
  log: Log;
}): Parameters {
  const tenants = new Map<number, Known>();
  const loading = new Map<number, Promise<ParameterSet>>();
  let timer: NodeJS.Timeout | undefined;

  async function look(sql: Queryable, tenant: number): Promise<ParameterSet> {
    const looked = performance.now();
    const { rows } = await sql.query<State>({
      name: 'records.parameters',
      text: `select rid, version, state from records.parameter where tenant = $1 and state <> 'ignored' order by rid`,
      values: [tenant],
    });
    const stamp = rows.map((row) => `${row.rid}/${row.version}/${row.state}`).join();
    const known = tenants.get(tenant);
    const set = known?.stamp === stamp ? known.set : await compiled(sql, tenant, rows);
    tenants.set(tenant, { set, stamp, looked });
    return set;
  }

  async function compiled(
    sql: Queryable,
    tenant: number,
    states: readonly State[],
  ): Promise<ParameterSet> {
    if (states.length === 0) return standardOnly;
    const { rows } = await sql.query<Row>({
      name: 'records.parameter-resources',
      text: `select ${rowColumns('r')} from records.resource r
        where r.tenant = $1 and r.type = 'SearchParameter' and r.rid = any($2::uuid[]) and not r.deleted`,
      values: [tenant, states.map((one) => one.rid)],
    });
    const ready = new Map(states.map((one) => [one.rid, one.state === 'ready']));
    const own = new Map<string, Map<string, SearchParam>>();
    const onBody = new Set<string>();
    for (const row of rows) {
      const resource = JSON.parse((await vault.open(tenant, row)).toString()) as Resource;
      if (!isOwn(resource)) continue;
      try {
        for (const [type, param] of compileOwn(resource)) {
          own.set(type, (own.get(type) ?? new Map<string, SearchParam>()).set(param.code, param));
          if (!ready.get(row.rid) || staysSealed(param)) onBody.add(`${type}.${param.code}`);
        }
      } catch (error) {
        // Stored by a version that took more than this one.
        log.warn({ err: error, rid: row.rid }, 'a search parameter cannot be used');
      }
    }
    return setOf(own, onBody);
  }

  return {
    current(tenant) {
      const known = tenants.get(tenant);
      return known && performance.now() - known.looked < staleAfterMs ? known.set : undefined;
    },
    load(tenant, sql = db) {
      // Inside a transaction on its own connection: waiting for a second one while the first is held locks a full pool.
      if (sql !== db) return look(sql, tenant);
      const under = loading.get(tenant);
      if (under) return under;
      const work = look(db, tenant).finally(() => loading.delete(tenant));
      loading.set(tenant, work);
      return work;
    },
    refresh: look,
    start() {
      timer = setInterval(() => {
        for (const tenant of tenants.keys())
          look(db, tenant).catch((error: unknown) =>
            log.warn({ err: error }, 'search parameters could not be looked at'),
          );
      }, lookEveryMs);
      timer.unref();
    },
    stop: () => clearInterval(timer),
  };
}

/**
 * The dates that stand in a table in the clear are those the standard's parameters name. One of the clinic's own may be a birth
 * date wherever it was found (of a relative in a family history), so bodies answer it.
 */
const staysSealed = ({ type }: SearchParam): boolean => type === 'date';

function setOf(
  own: ReadonlyMap<string, ReadonlyMap<string, SearchParam>>,
  onBody: ReadonlySet<string>,
): ParameterSet {
  const merged = new Map<string, ReadonlyMap<string, SearchParam>>();
  for (const [type, params] of own) merged.set(type, new Map([...params, ...searchParams(type)]));
  return {
    lookup: (type) => merged.get(type) ?? searchParams(type),
    onBody: (type, code) => onBody.has(`${type}.${code}`),
    own: (type) => [...(own.get(type)?.keys() ?? [])],
    extend(resource, indexed) {
      const params = own.get(resource.resourceType);
      if (!params) return indexed;
      const all = [indexed];
      for (const param of params.values())
        if (!staysSealed(param)) all.push(indexFound(param.code, param.type, param.find(resource)));
      return {
        tokens: all.flatMap((one) => one.tokens),
        references: all.flatMap((one) => one.references),
        dates: all.flatMap((one) => one.dates),
        strings: all.flatMap((one) => one.strings),
        numbers: all.flatMap((one) => one.numbers),
        quantities: all.flatMap((one) => one.quantities),
        uris: all.flatMap((one) => one.uris),
      };
    },
  };
}

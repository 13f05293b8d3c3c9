/** Chooses what drives a search: the clause that leaves the fewest rows, and the order they come in. */
import type { Criterion, SearchQuery } from '@afar/fhir';
import { Refusal } from '@afar/fhir';
import { presenceToken } from '../tokens.ts';
import type { Reach } from './reach.ts';
import type { Order } from './order.ts';
import type { DirectorySort, Sorting } from './sorting.ts';
import type { Driver } from './statement.ts';
import type { Part } from './types.ts';

/** Parameters whose values many rows share: they drive only when nothing better is asked. */
const common: ReadonlySet<string> = new Set([
  'status',
  'category',
  'class',
  'intent',
  'active',
  'gender',
  'clinical-status',
  'verification-status',
  'lifecycle-status',
]);

export interface Planned {
  type: string;
  /** Every clause: each is verified on the body. */
  all: Part[];
  /** The clauses that filter in SQL. */
  filters: Part[];
  /** Absent when the directory drives. */
  driver?: Driver;
  directory?: { criteria: Criterion[]; sort?: DirectorySort[] };
  order: Order;
  /** The index alone decides: rows need no second look to be counted. */
  exact: boolean;
  /** Every row of the answer belongs to one of these. */
  named?: string[];
}

export interface Choice {
  query: SearchQuery;
  parts: Part[];
  criteria: Map<Part, Criterion>;
  reach: Reach;
  sorting: Sorting;
  wildcard: boolean;
  /** The part that names the owner. */
  naming: Part | undefined;
}

/**
 * Whether the caller's panel must be known before anything can be chosen: no better driver is there. A wildcard client
 * sees every row of a scan, so its panel is worth asking for only when tokens would spare it most of them.
 */
export function needsPanel(parts: Part[], sorting: Sorting, wildcard: boolean): boolean {
  if (sorting.kind === 'directory') return false;
  if (parts.some((part) => part.rids || part.edge || part.plan === 'directory' || part.unique)) {
    return false;
  }
  return !wildcard || parts.some((part) => part.wantsKeys);
}

export function choose({
  query,
  parts,
  criteria,
  reach,
  sorting,
  wildcard,
  naming,
}: Choice): Planned {
  const { type } = query;
  const newest: Order = { by: 'at', descending: true };
  const given = sorting.kind === 'order' ? sorting.order : undefined;
  const planned = (
    order: Order,
    what: { driver?: Driver; directory?: Planned['directory'] },
    ...by: (Part | undefined)[]
  ): Planned => ({
    type,
    all: parts,
    filters: parts.filter((part) => !by.includes(part) && part.plan !== 'directory'),
    order: given ?? order,
    exact: parts.every((part) => ['id', 'exact', 'edge'].includes(part.plan)),
    ...(reach.named && { named: reach.named }),
    ...what,
  });

  const listed = parts.filter((part) => part.plan === 'directory');
  const sort = sorting.kind === 'directory' ? sorting.keys : undefined;
  const byDirectory = () =>
    planned(
      { by: 'rid', descending: false },
      {
        directory: {
          criteria: listed.map((part) => criteria.get(part)!),
          ...(sort && { sort }),
        },
      },
    );
  if (sort) return byDirectory();

  const ids = parts.filter((part) => part.rids).sort((a, b) => a.rids!.length - b.rids!.length)[0];
  if (ids) {
    return planned(
      { by: 'rid', descending: false },
      { driver: { kind: 'rids', rids: ids.rids! } },
      ids,
    );
  }
  const one = parts.find((part) => part.unique && part.tokens);
  if (one) return planned(newest, { driver: { kind: 'tokens', tokens: one.tokens! } }, one);

  const exact = parts
    .filter((part) => part.tokens)
    .sort((a, b) => rank(a) - rank(b) || a.tokens!.length - b.tokens!.length)[0];
  const presence = (): Driver => ({
    kind: 'tokens',
    tokens: reach.keys.flatMap(({ indexes }) => indexes.map((index) => presenceToken(index, type))),
  });
  if (reach.named) {
    const driver: Driver = exact ? { kind: 'tokens', tokens: exact.tokens! } : presence();
    // Tokens made with the owner's key lead to the owner's rows only: naming the owner needs no filter of its own.
    return planned(newest, { driver }, exact, naming);
  }
  if (listed.length > 0) return byDirectory();
  const edge = parts.find((part) => part.edge);
  if (edge) {
    const { targets, params } = edge.edge!;
    const driver: Driver = { kind: 'edge', targets, params };
    return planned({ by: 'rid', descending: false }, { driver }, edge);
  }
  if (exact) return planned(newest, { driver: { kind: 'tokens', tokens: exact.tokens! } }, exact);
  // A panel: each chart's own index. Otherwise the type in order of date, looking at every body.
  if (reach.perChart && !wildcard) return planned(newest, { driver: presence() });
  // What changed lately is at one end of the order of change.
  const changed = parts.some((part) => part.plan === 'date' && part.param === '_lastUpdated');
  const order: Order = changed ? { by: 'updated', descending: true } : newest;
  return planned(order, { driver: { kind: 'scan' } });
}

function rank(part: Part): number {
  return common.has(part.param) ? 1 : 0;
}

/** @throws Refusal `not-supported` under strict handling */
export function refuseOrWarn(strict: boolean, warnings: string[]): (why: string) => void {
  return (why) => {
    if (strict) throw new Refusal('not-supported', { diagnostics: why });
    warnings.push(why);
  };
}

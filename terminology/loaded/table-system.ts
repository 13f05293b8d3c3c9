/** A code system in the database: one that an operator loaded. */
import type { Queryable } from '@afar/platform';
import type {
  CodeSource,
  Concept,
  Count,
  Designation,
  PropertyDefinition,
  PropertyValue,
  Rule,
  Wanted,
} from '../model.ts';
import { candidates } from '../rules.ts';
import { conditionOf, Params, ruleSql } from './rule-sql.ts';

export interface SystemRow {
  id: number;
  url: string;
  version: string;
  name: string;
  language: string;
  kind: string;
  concepts: number;
  hierarchical: boolean;
  properties: PropertyDefinition[];
  loaded: number;
}

interface ConceptRow {
  id: number;
  code: string;
  display: string;
  definition: string | null;
  inactive: boolean;
  abstract: boolean;
  properties: Record<string, PropertyValue[]>;
  designations: Designation[];
}

const columns =
  'c.id, c.code, c.display, c.definition, c.inactive, c.abstract, c.properties, c.designations';

/** Matches of a text that are put in order by length: 20,000 take about 50 ms. */
const mostRanked = 20_000;

const isWhole = ({ rule, text, activeOnly, usableOnly }: Wanted): boolean =>
  rule.is === 'all' && !text?.trim() && !activeOnly && !usableOnly;

/** Children that are told of one concept: a root of a large system has thousands. */
const mostChildren = 1_000;

export class TableSystem implements CodeSource {
  readonly url: string;
  readonly version: string;
  readonly name: string;
  readonly language: string;
  readonly content = 'complete';
  readonly properties: ReadonlyMap<string, PropertyDefinition>;
  readonly hierarchical: boolean;
  readonly size: number;
  readonly #db: Queryable;
  readonly #id: number;
  /** How much the same question matched when its page was ranked: counting it again would cost as much. */
  readonly #matched = new WeakMap<Wanted, number>();

  constructor(db: Queryable, row: SystemRow) {
    this.#db = db;
    this.#id = row.id;
    this.url = row.url;
    this.version = row.version;
    this.name = row.name;
    this.language = row.language;
    this.hierarchical = row.hierarchical;
    this.size = row.concepts;
    this.properties = new Map(row.properties.map((one) => [one.code, one]));
  }

  async find(codes: readonly string[]): Promise<Map<string, Concept>> {
    if (codes.length === 0) return new Map();
    const { rows } = await this.#db.query<ConceptRow>({
      name: 'terminology.find',
      text: `select ${columns} from terminology.concept c where c.system = $1 and c.code = any($2::text[])`,
      values: [this.#id, codes],
      inLine: true,
    });
    return new Map(rows.map((row) => [row.code, conceptOf(row)]));
  }

  async among(codes: readonly string[], rule: Rule): Promise<Set<string>> {
    if (codes.length === 0) return new Set();
    const params = new Params();
    params.add(this.#id);
    const asked = params.add(codes);
    const { rows } = await this.#db.query<{ code: string }>(
      `select c.code from terminology.concept c where c.system = $1 and c.code = any(${asked}::text[]) and ${ruleSql(rule, params, 'check')}`,
      params.values,
    );
    return new Set(rows.map((row) => row.code));
  }

  async page(wanted: Wanted, offset: number, count: number): Promise<Concept[]> {
    if (count === 0) return [];
    const params = new Params();
    params.add(this.#id);
    const named = candidates(wanted.rule);
    if (!named && wanted.text?.trim() && offset < mostRanked)
      return this.#ranked(wanted, offset, count, params);
    const by = !named && (await this.#isWide(wanted)) ? 'check' : 'index';
    // Numbers count from 1 without a gap: the place of a page is known.
    const counted = isWhole(wanted) ? `c.id > ${params.add(offset)}` : undefined;
    const where = counted ?? conditionOf(wanted, params, by);
    // A list keeps its own order.
    const order = named ? `array_position(${params.add(named)}::text[], c.code)` : 'c.id';
    const { rows } = await this.#db.query<ConceptRow>(
      `select ${columns} from terminology.concept c where c.system = $1 and ${where}
       order by ${order} limit ${params.add(count)} offset ${params.add(counted ? 0 : offset)}`,
      params.values,
    );
    return rows.map(conceptOf);
  }

  /**
   * Short names first: who types "head" means the head, not one of its hundred injuries. What fits too much to be ranked
   * comes in the order of the system; whole rows are read of the page alone.
   */
  async #ranked(wanted: Wanted, offset: number, count: number, params: Params): Promise<Concept[]> {
    const where = conditionOf(wanted, params);
    const most = Math.max(mostRanked + 1, offset + count);
    const { rows } = await this.#db.query<ConceptRow & { matched: number }>(
      `with found as materialized (
         select c.id, length(c.display) as long from terminology.concept c
         where c.system = $1 and ${where} limit ${params.add(most)}),
       place as materialized (
         select id, row_number() over (
           order by case when (select count(*) from found) > ${mostRanked} then 0 else long end, id) as place
         from found order by 2 limit ${params.add(count)} offset ${params.add(offset)})
       select ${columns}, (select count(*) from found) as matched from place join terminology.concept c on c.system = $1 and c.id = place.id order by place.place`,
      params.values,
    );
    if (rows[0]) this.#matched.set(wanted, rows[0].matched);
    return rows.map(conceptOf);
  }

  /** Below a concept near the top the first page is found sooner in the order of ids than by sorting all of them. */
  async #isWide({ rule, text }: Wanted): Promise<boolean> {
    if (text?.trim() || rule.is !== 'below') return false;
    return (await this.#below(rule.code)) > this.size / 50;
  }

  async #below(code: string): Promise<number> {
    const { rows } = await this.#db.query<{ below: number }>({
      name: 'terminology.below',
      text: 'select below from terminology.concept where system = $1 and code = $2',
      values: [this.#id, code],
      inLine: true,
    });
    return rows[0]?.below ?? 0;
  }

  async count(wanted: Wanted, most: number): Promise<Count> {
    const matched = this.#matched.get(wanted);
    if (matched !== undefined)
      return matched > most
        ? { count: most, exact: false }
        : { count: matched, exact: matched <= mostRanked };
    if (isWhole(wanted)) return { count: this.size, exact: true };
    const { rule, text, activeOnly, usableOnly } = wanted;
    if (rule.is === 'below' && !text?.trim() && !activeOnly && !usableOnly) {
      const below = await this.#below(rule.code);
      const self = rule.self && (await this.find([rule.code])).has(rule.code) ? 1 : 0;
      return { count: below + self, exact: true };
    }
    const params = new Params();
    params.add(this.#id);
    const where = conditionOf(wanted, params);
    const { rows } = await this.#db.query<{ count: number }>(
      `select count(*) as count from (
         select from terminology.concept c where c.system = $1 and ${where} limit ${params.add(most + 1)}) counted`,
      params.values,
    );
    const { count } = rows[0]!;
    return count > most ? { count: most, exact: false } : { count, exact: true };
  }

  async around(code: string): Promise<{ parents: Concept[]; children: Concept[] } | undefined> {
    const { rows } = await this.#db.query<ConceptRow & { place: 'self' | 'parent' | 'child' }>({
      name: 'terminology.around',
      text: `with self as (select id, parents from terminology.concept where system = $1 and code = $2)
        select 'parent' as place, ${columns} from terminology.concept c
          where c.system = $1 and c.id in (select unnest(parents) from self)
        union all
        (select 'child', ${columns} from terminology.concept c
          where c.system = $1 and c.parents @> array[(select id from self)] order by c.id limit $3)
        union all
        select 'self', ${columns} from terminology.concept c where c.system = $1 and c.id = (select id from self)`,
      values: [this.#id, code, mostChildren],
    });
    if (rows.length === 0) return undefined;
    const placed = (place: string) => rows.filter((row) => row.place === place).map(conceptOf);
    return { parents: placed('parent'), children: placed('child') };
  }
}

const conceptOf = (row: ConceptRow): Concept => ({
  code: row.code,
  display: row.display,
  ...(row.definition !== null && { definition: row.definition }),
  ...(row.inactive && { inactive: true }),
  ...(row.abstract && { abstract: true }),
  properties: row.properties,
  designations: row.designations,
});

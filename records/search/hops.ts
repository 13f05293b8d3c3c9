/** How a hop of a chain is searched: as any search is, by the same planner and under the same policy. */
import type { Clause, Criterion, Has, SearchQuery } from '@afar/fhir';
import { prepared } from '../prepared.ts';
import { Params } from '../scoped.ts';
import type { Hop } from './chains.ts';
import type { Cut, Page } from './page.ts';
import type { Run } from './types.ts';

/** A page of a search in the order that suits its plan. */
export type Pages = (run: Run, query: SearchQuery) => Promise<(after?: Cut) => Promise<Page>>;

/** Matches of one go when only their targets are wanted: most batches are settled by the first. */
const pointing = 200;

export function createHop(pages: Pages): Hop {
  const queryOf = (type: string, clauses: Clause[], count: number): SearchQuery => ({
    type,
    clauses,
    include: [],
    revinclude: [],
    sort: [],
    count,
    unknown: [],
  });

  return {
    async all(run, type, clauses, most = run.limits.hops) {
      const page = await pages(run, queryOf(type, clauses, Math.max(most, 1)));
      const { docs, next } = await page();
      return next || docs.length > most ? undefined : docs;
    },

    async which(run, type, match, ids) {
      const named: Criterion = {
        kind: 'value',
        param: '_id',
        type: 'token',
        values: ids.map((code) => ({ kind: 'token', code })),
      };
      const page = await pages(run, queryOf(type, [named, match], ids.length));
      const found = new Set<string>();
      for (let after: Cut | undefined, more = true; more;) {
        const { docs, next } = await page(after);
        for (const { stored } of docs) found.add(stored.id);
        after = next;
        more = next !== undefined;
      }
      return found;
    },

    async pointedAt(run, has, base, ids) {
      const pending = new Set(ids);
      const found = new Set<string>();
      while (pending.size > 0) {
        const page = await pages(run, queryOf(has.type, asked(has, base, pending), pointing));
        let { docs, next } = await page();
        // Nothing among what was looked at: the rest may still hold some.
        while (docs.length === 0 && next) ({ docs, next } = await page(next));
        for (const doc of docs) {
          for (const { type, id } of doc.indexed(has.param).references) {
            if (type === base && id !== undefined && pending.delete(id)) found.add(id);
          }
        }
        if (!next) break;
      }
      return found;
    },

    async targets(run, sources, source, param, type) {
      const params = new Params();
      const { rows } = await run.sql.query<{ target: string }>(
        prepared(
          `select distinct e.target from records.edge e where e.tenant = ${params.add(run.caller.tenant)}
             and e.source = any(${params.add(sources)}::uuid[]) and e.source_type = ${params.add(source)}
             and e.target_type = ${params.add(type)} and e.params @> array[${params.add(param)}]::text[]`,
          params.values,
        ),
      );
      return rows.map((row) => row.target);
    },
  };
}

function asked(has: Has, base: string, ids: ReadonlySet<string>): Clause[] {
  const pointer: Criterion = {
    kind: 'value',
    param: has.param,
    type: 'reference',
    values: [...ids].map((id) => ({ kind: 'reference', type: base, id })),
  };
  return [pointer, has.match];
}

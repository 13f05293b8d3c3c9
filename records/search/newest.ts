/**
 * The newest rows of one token, gathered: a patient's observations, or those of one code, is what screens ask for most. What
 * concurrent requests ask goes to the database together, each row judged by its own caller.
 */
import type { Caller } from '@afar/access';
import { batcher } from '@afar/platform';
import type { Db } from '@afar/platform';
import { callersFrom, callersTable, requireVerb, rulesOf } from '../scoped.ts';
import { rowOf, rowSelected } from './row-columns.ts';
import type { RowColumns } from './row-columns.ts';
import type { Candidate } from './statement.ts';

export interface NewestQuery {
  caller: Caller;
  type: string;
  token: bigint;
  limit: number;
}

/** Rows in descending order of date and id, as the statement of one search would give them. */
export type Newest = (query: NewestQuery) => Promise<Candidate[]>;

/** Searches of one statement: 16 pages of 20 rows are some 300 KB. */
const most = 16;

// `offset 0` for the same reason as in statement.ts: a row is looked up by its key, for each token of the index.
const text = `select k.n, ${rowSelected('r')}
  from ${callersFrom({ token: 'bigint', most: 'int' })}
  cross join lateral (
    select r.* from records.token t
    cross join lateral (select r.* from ${callersTable.row} where ${callersTable.where}
      and r.rid = t.rid and r.at = t.at and not r.deleted offset 0) r
    where t.tenant = k.tenant and t.token = k.token
    order by t.at desc, t.rid desc limit k.most) r`;

/** @throws (the query) Refusal `forbidden` when the role may not search the type */
export function createNewest({ db }: { db: Db }): Newest {
  const load = batcher(
    async (queries: NewestQuery[]) => {
      const { rows } = await db.query<RowColumns>({
        name: 'records.newest',
        inLine: true,
        rowMode: 'array',
        text,
        values: [
          ...rulesOf(queries),
          `{${queries.map((one) => one.token).join()}}`,
          `{${queries.map((one) => one.limit).join()}}`,
        ],
      });
      const found: Candidate[][] = queries.map(() => []);
      for (const columns of rows) {
        const at = columns[0] - 1;
        const row = rowOf(queries[at]!.type, columns);
        found[at]!.push({ ...row, key: row.at, crid: row.rid });
      }
      for (const page of found) page.sort(byDateThenId);
      return found;
    },
    { size: most },
  );
  return async (query) => {
    requireVerb(query, 'search');
    return load(query);
  };
}

function byDateThenId(a: Candidate, b: Candidate): number {
  const dates = Number(b.at) - Number(a.at);
  if (dates !== 0) return dates;
  return a.rid < b.rid ? 1 : -1;
}

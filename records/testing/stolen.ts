/** The thief's view: what the tables say in the clear, with the truth laid beside it for the judge. */
import type { Queryable } from '@afar/platform';
import type { StolenRow } from './attack.ts';

interface IndexRow {
  rid: string;
  owner: string;
  tokens: string[];
}

/**
 * The index rows of one type. The thief is helped: of each row's tokens he is given the one that tells its value (the one
 * whose rows in the chart are exactly those of one value), not status, category or presence.
 *
 * @param truth rid -> value
 */
export async function stolenIndex(
  db: Queryable,
  type: string,
  truth: ReadonlyMap<string, string>,
): Promise<StolenRow[]> {
  const { rows } = await db.query<IndexRow>(
    `select r.rid, r.owner, array_agg(t.token::text order by t.token) as tokens
     from records.resource r join records.token t on t.tenant = r.tenant and t.rid = r.rid
     where r.type = $1 and not r.deleted and r.owner is not null group by r.rid, r.owner`,
    [type],
  );
  const told = rows.filter((row) => truth.has(row.rid));
  return [...Map.groupBy(told, (row) => row.owner).values()].flatMap((chart) => {
    const members = (holds: (row: IndexRow) => boolean) =>
      chart
        .filter(holds)
        .map((row) => row.rid)
        .join();
    const rowsOf = new Map<string, string>();
    const telling = new Map<string, string>();
    for (const token of new Set(chart.flatMap((row) => row.tokens)))
      rowsOf.set(
        token,
        members((row) => row.tokens.includes(token)),
      );
    for (const value of new Set(chart.map((row) => truth.get(row.rid)!))) {
      const own = members((row) => truth.get(row.rid) === value);
      const [found] = [...rowsOf].find(([, rids]) => rids === own) ?? [];
      if (found) telling.set(value, found);
    }
    return chart.map(({ rid, owner }) => {
      const value = truth.get(rid)!;
      const token = telling.get(value);
      return { rid, owner, truth: value, tokens: token === undefined ? [] : [token] };
    });
  });
}

/** Length of every sealed directory row, and whose it is. */
export async function stolenDirectory(db: Queryable): Promise<{ rid: string; length: number }[]> {
  const { rows } = await db.query<{ rid: string; length: number }>(
    `select rid, length(sealed) as length from records.directory where type = 'Patient' and sealed is not null`,
  );
  return rows;
}

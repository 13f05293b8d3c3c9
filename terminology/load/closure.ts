/** Everything above each concept, from the links of a load: whole numbers in, arrays out, nothing of size in between. */
import pg from 'pg';
import { copyRows } from './copy.ts';
import type { Cell } from './copy.ts';
import { stageOf } from './staging.ts';

/** Parents of each concept, packed: those of n from `starts[n]` to `starts[n + 1]`. */
interface Graph {
  readonly size: number;
  readonly starts: Int32Array;
  readonly parents: Int32Array;
}

const fetched = 50_000;

async function graphOf(
  client: pg.ClientBase,
  id: number,
  size: number,
  links: number,
): Promise<Graph> {
  const starts = new Int32Array(size + 2);
  const parents = new Int32Array(links);
  let count = 0;
  let child = 0;
  await client.query('begin');
  await client.query(
    `declare links no scroll cursor for select c.id as child, p.id as parent from ${stageOf(id, 'link')} l
     join ${stageOf(id, 'node')} c on c.code = l.child join ${stageOf(id, 'node')} p on p.code = l.parent
     where c.id <> p.id group by 1, 2 order by 1`,
  );
  for (;;) {
    const { rows } = await client.query<{ child: number; parent: number }>(
      `fetch ${fetched} from links`,
    );
    for (const row of rows) {
      while (child < row.child) starts[++child] = count;
      parents[count++] = row.parent;
    }
    if (rows.length < fetched) break;
  }
  while (child <= size) starts[++child] = count;
  await client.query('commit');
  return { size, starts, parents };
}

/** Calls back with everything above each concept, nearest first, without itself; a cycle does no harm. */
function eachAncestors(
  { size, starts, parents }: Graph,
  visit: (id: number, above: readonly number[]) => void,
): void {
  const walk = walker({ size, starts, parents });
  for (let id = 1; id <= size; id++) visit(id, walk(id));
}

function walker({ size, starts, parents }: Graph): (id: number) => number[] {
  const seen = new Int32Array(size + 1);
  return (id) => {
    const above: number[] = [];
    seen[id] = id;
    for (let next = -1, at = id; ; at = above[next]!) {
      for (let link = starts[at]!; link < starts[at + 1]!; link++) {
        const parent = parents[link]!;
        if (seen[parent] === id) continue;
        seen[parent] = id;
        above.push(parent);
      }
      if (++next >= above.length) return above;
    }
  };
}

/**
 * Fills the table `closure` (id, parents, ancestors with itself, count below).
 * @returns whether there is any hierarchy
 */
export async function makeClosure(
  client: pg.ClientBase,
  id: number,
  size: number,
  links: number,
): Promise<boolean> {
  await client.query(
    `create unlogged table ${stageOf(id, 'closure')} (id int, parents int[], ancestors int[], below int)`,
  );
  if (links === 0) return false;
  const graph = await graphOf(client, id, size, links);
  const below = new Int32Array(size + 1);
  // Twice through is cheaper than keeping it: seven million numbers for SNOMED.
  eachAncestors(graph, (_, above) => {
    for (const one of above) below[one]!++;
  });
  const walk = walker(graph);
  function* rows(): Iterable<Cell[]> {
    for (let one = 1; one <= size; one++) {
      const parents = [...graph.parents.subarray(graph.starts[one], graph.starts[one + 1])];
      yield [one, parents, [one, ...walk(one)], below[one]!];
    }
  }
  await copyRows(client, `${stageOf(id, 'closure')} (id, parents, ancestors, below)`, rows());
  return graph.starts[size + 1]! > 0;
}

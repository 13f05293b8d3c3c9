/**
 * Closure table, arrays of ancestors, or intervals: what subsumption costs in each, on 350,000 invented concepts.
 * usage: node bench/terminology/subsumption.ts
 */
import { mkdtempSync, rmSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createLog, databasePasswords, startCluster } from '@afar/platform';
import { copyRows } from '../../terminology/load/copy.ts';
import { synthetic } from './synthetic.ts';

const data = synthetic();
const folder = mkdtempSync(join(tmpdir(), 'afar-subsumption-'));
chmodSync(folder, 0o711);
const cluster = await startCluster({
  folder: join(folder, 'database'),
  adminPassword: databasePasswords(join(folder, 'keys')).admin,
  log: createLog({ level: 'silent' }),
});
const client = new pg.Client({ connectionString: cluster.adminUrl });
await client.connect();
await client.query(
  'set jit = off; set enable_seqscan = off; set plan_cache_mode = force_generic_plan',
);

const clock = async (work: () => Promise<unknown>): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

/** Everything above each concept, without itself. */
function* ancestors(): Iterable<[number, number[]]> {
  const seen = new Int32Array(data.size).fill(-1);
  for (let n = 0; n < data.size; n++) {
    const above: number[] = [];
    const waiting = [n];
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop())
      for (const parent of data.parents[at]!)
        if (seen[parent] !== n) {
          seen[parent] = n;
          above.push(parent);
          waiting.push(parent);
        }
    yield [n, above];
  }
}

/** Post-order numbers of a spanning tree, and for each concept the merged ranges of all below it. */
function intervals(): { post: Int32Array; ranges: string[]; count: number; most: number } {
  const children: number[][] = Array.from({ length: data.size }, () => []);
  data.parents.forEach((list, n) => list.length && children[list[0]!]!.push(n));
  const post = new Int32Array(data.size);
  let next = 0;
  const stack: [number, number][] = [[0, 0]];
  while (stack.length) {
    const top = stack.at(-1)!;
    const child = children[top[0]]![top[1]++];
    if (child === undefined) {
      post[top[0]] = next++;
      stack.pop();
    } else stack.push([child, 0]);
  }
  const low = post.slice();
  const sets: [number, number][][] = Array.from({ length: data.size }, () => []);
  let count = 0;
  let most = 0;
  const ranges: string[] = Array.from({ length: data.size }, () => '');
  // Children have greater numbers: from the end every child is complete before its parents.
  for (let n = data.size - 1; n >= 0; n--) {
    for (const child of children[n]!) low[n] = Math.min(low[n]!, low[child]!);
    const all = [...sets[n]!, [low[n]!, post[n]!] as [number, number]].sort((a, b) => a[0] - b[0]);
    const merged: [number, number][] = [];
    for (const one of all) {
      const last = merged.at(-1);
      if (last && one[0] <= last[1] + 1) last[1] = Math.max(last[1], one[1]);
      else merged.push([...one]);
    }
    for (const parent of data.parents[n]!) sets[parent]!.push(...merged);
    sets[n] = [];
    count += merged.length;
    most = Math.max(most, merged.length);
    ranges[n] = `{${merged.map(([from, to]) => `[${from},${to + 1})`).join()}}`;
  }
  return { post, ranges, count, most };
}

const size = async (relation: string): Promise<string> => {
  const { rows } = await client.query<{ table: number; all: number }>(
    `select pg_table_size('${relation}')::int8 / 1e6 as table, pg_total_relation_size('${relation}')::int8 / 1e6 as all`,
  );
  return `${Number(rows[0]!.table).toFixed(0)} MB, with indexes ${Number(rows[0]!.all).toFixed(0)} MB`;
};

async function build(): Promise<void> {
  await client.query(`
    create table arrays (id int, name text, ancestors int[], words tsvector);
    create table closure (below int, above int);
    create table tree (id int, name text, post int, ranges int4multirange, words tsvector)`);
  const words = (n: number) =>
    data
      .name(n)
      .split(' ')
      .map((word) => `'${word}'`)
      .join(' ');
  const loads = {
    arrays: await clock(() =>
      copyRows(
        client,
        'arrays',
        (function* () {
          for (const [n, above] of ancestors()) yield [n, data.name(n), [n, ...above], words(n)];
        })(),
      ),
    ),
    closure: await clock(() =>
      copyRows(
        client,
        'closure',
        (function* () {
          for (const [n, above] of ancestors()) for (const one of [n, ...above]) yield [n, one];
        })(),
      ),
    ),
  };
  const made = intervals();
  const trees = await clock(() =>
    copyRows(
      client,
      'tree',
      (function* () {
        for (let n = 0; n < data.size; n++)
          yield [n, data.name(n), made.post[n]!, made.ranges[n]!, words(n)];
      })(),
    ),
  );
  console.log(
    `intervals: ${made.count} in all, ${(made.count / data.size).toFixed(2)} a concept, ${made.most} at most`,
  );
  const indexed = {
    arrays: await clock(() =>
      client.query(
        'alter table arrays add primary key (id); create index on arrays using gin (ancestors, words); analyze arrays',
      ),
    ),
    closure: await clock(() =>
      client.query(
        'alter table closure add primary key (above, below); create unique index on closure (below, above); analyze closure',
      ),
    ),
    tree: await clock(() =>
      client.query(
        'alter table tree add primary key (id); create index on tree (post); create index on tree using gin (words); analyze tree',
      ),
    ),
  };
  for (const [name, load] of Object.entries({ ...loads, tree: trees }))
    console.log(
      `${name.padEnd(8)} load ${load.toFixed(0)} ms, index ${indexed[name as 'arrays'].toFixed(0)} ms, ${await size(name)}`,
    );
}

const queries: Record<string, Record<'arrays' | 'closure' | 'tree', string>> = {
  'is B below A?': {
    arrays: 'select from arrays where id = $2 and ancestors @> array[$1::int]',
    closure: 'select from closure where above = $1 and below = $2',
    tree: 'select from tree b, tree a where b.id = $2 and a.id = $1 and a.ranges @> b.post',
  },
  'first 20 below A': {
    arrays: 'select id, name from arrays where ancestors @> array[$1::int] order by id limit 20',
    closure:
      'select c.id, c.name from closure x join arrays c on c.id = x.below where x.above = $1 order by x.below limit 20',
    tree: `select c.id, c.name from tree a, unnest(a.ranges) r, lateral
      (select id, name from tree where post >= lower(r) and post < upper(r) order by post limit 20) c where a.id = $1 limit 20`,
  },
  'below A, name begins with, 20': {
    arrays: `select id, name from arrays where ancestors @> array[$1::int] and words @@ '''lung'':* & ''acu'':*'::tsquery order by length(name), id limit 20`,
    closure: `select id, name from arrays c where words @@ '''lung'':* & ''acu'':*'::tsquery and exists (select from closure x where x.above = $1 and x.below = c.id) order by length(name), id limit 20`,
    tree: `select id, name from tree c where words @@ '''lung'':* & ''acu'':*'::tsquery and post <@ (select ranges from tree where id = $1) order by length(name), id limit 20`,
  },
  'count below A': {
    arrays: 'select count(*) from arrays where ancestors @> array[$1::int]',
    closure: 'select count(*) from closure where above = $1',
    tree: 'select sum(upper(r) - lower(r)) from tree a, unnest(a.ranges) r where a.id = $1',
  },
  'all above B': {
    arrays:
      'select c.id, c.name from arrays b, arrays c where b.id = $2 and c.id = any(b.ancestors)',
    closure:
      'select c.id, c.name from closure x join arrays c on c.id = x.above where x.below = $2',
    tree: 'select c.id, c.name from tree b, tree c where b.id = $2 and c.ranges @> b.post',
  },
};

async function measure(): Promise<void> {
  const samples = [1, 5, 20, 300, 5_000, 60_000, 200_000];
  for (const [name, by] of Object.entries(queries)) {
    const cells: string[] = [];
    for (const [kind, text] of Object.entries(by)) {
      const uses = [/\$1/.test(text), /\$2/.test(text)];
      const times: number[] = [];
      for (const a of samples)
        for (let time = 0; time < 4; time++) {
          const values = [...(uses[0] ? [a] : []), ...(uses[1] ? [a * 1 + 149_000] : [])];
          const asked = uses[0] ? text : text.replaceAll('$2', '$1');
          const spent = await clock(() =>
            client.query({
              name: `${name} ${kind}`,
              text: asked.replaceAll('$2', uses[0] ? '$2' : '$1'),
              values,
            }),
          );
          if (time > 0) times.push(spent);
        }
      times.sort((x, y) => x - y);
      cells.push(
        `${kind} ${times[Math.floor(times.length / 2)]!.toFixed(2)} (worst ${times.at(-1)!.toFixed(1)})`,
      );
    }
    console.log(`${name.padEnd(30)} ms: ${cells.join('   ')}`);
  }
}

try {
  console.log(`${data.size} concepts, ${data.links} links`);
  await build();
  await measure();
} finally {
  await client.end();
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
}

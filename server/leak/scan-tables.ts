/** Reads every column of every table of every room. */
import pg from 'pg';
import type { Finding } from './finding.ts';
import type { Hit, Matcher } from './matcher.ts';
import { search } from './search.ts';

export interface TableScan {
  findings: Finding[];
  tables: string[];
  rows: number;
}

/** Everything as PostgreSQL writes it in text: no driver between us and the bytes. */
const asText = { getTypeParser: () => (value: unknown) => value };

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;

/** 1,000 rows at a time: a table may be larger than memory. */
const batch = 1_000;

interface Table {
  schema: string;
  name: string;
}

async function tablesOf(client: pg.Client): Promise<Table[]> {
  // pg_statistic keeps samples of columns, pg_largeobject whole values; pg_authid and the like hold nothing of ours.
  const { rows } = await client.query<Table>(
    `select n.nspname as schema, c.relname as name
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'm', 'p') and not c.relispartition
       and (n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
            or c.relname in ('pg_statistic', 'pg_statistic_ext_data', 'pg_largeobject', 'pg_description', 'pg_proc', 'pg_attrdef')
               and has_table_privilege(c.oid, 'select'))
     order by 1, 2`,
  );
  return rows;
}

/**
 * A value in all it may be: its text, and each bytea in it as bytes, inflated when they inflate. The hex of a bytea is
 * not text: a code of six digits stands in it by chance.
 */
function* searchValue(matcher: Matcher, value: string): Generator<Hit & { how: string }> {
  const bytea = /\\x((?:[\da-f]{2})+)/g;
  for (const hit of matcher.find(Buffer.from(value.replaceAll(bytea, ' '))))
    yield { ...hit, how: '' };
  for (const [, hex] of value.matchAll(bytea))
    for (const hit of search(matcher, Buffer.from(hex!, 'hex'), true))
      yield { ...hit, how: hit.inflated ? ', inflated' : ', as bytes' };
}

/**
 * Looks for the needles in every table, partitions and materialised views included, but for `exempt` (`schema.table`:
 * terminology). `url` must be of a role that may read everything.
 */
export async function scanTables(
  url: string,
  exempt: readonly string[],
  matcher: Matcher,
): Promise<TableScan> {
  const client = new pg.Client({ connectionString: url, application_name: 'afar-leak-scan' });
  await client.connect();
  const scan: TableScan = { findings: [], tables: [], rows: 0 };
  try {
    await client.query(`set bytea_output = 'hex'`);
    for (const { schema, name } of await tablesOf(client)) {
      const table = `${schema}.${name}`;
      if (exempt.includes(table)) continue;
      scan.tables.push(table);
      await client.query('begin');
      await client.query(
        `declare everything no scroll cursor for select * from ${quoted(schema)}.${quoted(name)}`,
      );
      for (;;) {
        const { rows, fields } = await client.query<(string | null)[]>({
          text: `fetch ${batch} from everything`,
          rowMode: 'array',
          types: asText,
        });
        scan.rows += rows.length;
        for (const row of rows)
          for (const [index, value] of row.entries())
            for (const { needle, encoding, how } of value === null
              ? []
              : searchValue(matcher, value))
              scan.findings.push({
                needle,
                encoding,
                where: `${table}.${fields[index]!.name}${how}`,
              });
        if (rows.length < batch) break;
      }
      await client.query('commit');
    }
  } finally {
    await client.end();
  }
  return scan;
}

/** Every column of the database that may hold a sealed value, and what lies there under given keys. */
import type { Queryable } from '@afar/platform';

interface Column {
  name: string;
  table: string;
  column: string;
}

/** The names come from the catalogue, quoted by it. Partitions are read through their table. */
const columnsText = `select n.nspname || '.' || c.relname as name, quote_ident(n.nspname) || '.' || quote_ident(c.relname) as table,
    quote_ident(a.attname) as column
  from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
  where a.atttypid = 'bytea'::regtype and a.attnum > 0 and not a.attisdropped
    and c.relkind in ('r', 'p') and not c.relispartition
    and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and exists (select from pg_attribute t where t.attrelid = c.oid and t.attname = 'tenant' and not t.attisdropped)
    and has_column_privilege(c.oid, a.attnum, 'select')
  order by 1, 3`;

/** Columns that hold something under one of the keys (platform/seal: the kid is bytes 9 to 24), and how much under which. */
export async function sealedColumns(
  db: Queryable,
  tenant: number,
  kids: readonly string[],
): Promise<{ name: string; kids: Map<string, number> }[]> {
  const { rows: columns } = await db.query<Column>(columnsText);
  const wanted = kids.map((kid) => Buffer.from(kid.replaceAll('-', ''), 'hex'));
  const found = [];
  for (const { name, table, column } of columns) {
    const { rows } = await db.query<{ kid: string; n: number }>(
      `select encode(substring(${column} from 10 for 16), 'hex')::uuid::text as kid, count(*) as n from ${table}
       where tenant = $1 and substring(${column} from 10 for 16) = any($2::bytea[]) group by 1`,
      [tenant, wanted],
    );
    if (rows.length > 0)
      found.push({ name, kids: new Map(rows.map((row) => [row.kid, Number(row.n)])) });
  }
  return found;
}

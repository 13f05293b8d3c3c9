/** A schema as text, from the catalogue: the same on every PostgreSQL version, so that a drift shows in a diff. */
import type { Queryable } from '@afar/platform';

/** Partitions are left out: which months exist depends on the day. */
export async function dumpSchema(db: Queryable, schema: string): Promise<string> {
  const { rows: columns } = await db.query<{ table: string; kind: string; column: string }>(
    `select c.relname as table, c.relkind::text as kind,
       format('  %s %s%s%s%s', quote_ident(a.attname), format_type(a.atttypid, a.atttypmod),
         case when k.collname is not null and k.collname <> 'default' then format(' collate "%s"', k.collname) else '' end,
         case when a.attnotnull then ' not null' else '' end,
         case when a.attidentity <> '' then ' generated always as identity'
              when d.adbin is not null then ' default ' || pg_get_expr(d.adbin, d.adrelid) else '' end) as column
     from pg_class c
     join pg_namespace n on n.oid = c.relnamespace and n.nspname = $1
     join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     left join pg_collation k on k.oid = a.attcollation
     left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
     where c.relkind in ('r', 'p') and not c.relispartition
     order by c.relname, a.attnum`,
    [schema],
  );
  const { rows: indexes } = await db.query<{ table: string; line: string }>(
    `select tablename as table, indexdef || ';' as line from pg_indexes
     where schemaname = $1 and tablename in (
       select relname from pg_class where not relispartition and relnamespace = to_regnamespace($1))
     order by tablename, indexname`,
    [schema],
  );
  const { rows: functions } = await db.query<{ line: string }>(
    `select pg_get_functiondef(p.oid) as line from pg_proc p
     where p.pronamespace = to_regnamespace($1) order by p.proname`,
    [schema],
  );
  const tables = [...new Set(columns.map((row) => row.table))].map((table) => {
    const own = columns.filter((row) => row.table === table);
    const body = own.map((row) => row.column).join(',\n');
    const partitioned = own[0]!.kind === 'p' ? ' partition by range (updated)' : '';
    const lines = indexes.filter((row) => row.table === table).map((row) => row.line);
    return `create table ${schema}."${table}" (\n${body}\n)${partitioned};\n${lines.join('\n')}\n`;
  });
  return [
    `-- Made from the catalogue by records/schema.int.test.ts: not edited by hand, not run.\n`,
    ...tables,
    ...functions.map((row) => `${row.line.trim()};\n`),
  ].join('\n');
}

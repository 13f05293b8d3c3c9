/** From the staging tables to a partition in force: built and indexed beside the others, then put among them in one step. */
import pg from 'pg';
import { makeClosure } from './closure.ts';
import { LoadFault } from './files.ts';
import { stageOf, stagesOf } from './staging.ts';

export interface Built {
  readonly concepts: number;
  readonly hierarchical: boolean;
}

export const partitionOf = (id: number): string => `terminology.concept_${id}`;

/** Builds the partition of a load; nobody sees it yet. */
export async function buildPartition(
  client: pg.ClientBase,
  id: number,
  links: number,
  onStep: (step: string) => void,
): Promise<Built> {
  const stage = (kind: string) => stageOf(id, kind);
  await client.query(`set work_mem = '64MB'; set maintenance_work_mem = '128MB'; set jit = off`);
  onStep('numbering');
  // A code said twice is the first one.
  await client.query(
    `create unlogged table ${stage('node')} as
     select row_number() over (order by min(seq))::int as id, code, min(seq) as seq
     from ${stage('concept')} where code <> '' group by code`,
  );
  await client.query(`create unique index on ${stage('node')} (code); analyze ${stage('node')}`);
  const { rows } = await client.query<{ count: string }>(`select count(*) from ${stage('node')}`);
  const concepts = Number(rows[0]!.count);
  if (concepts === 0) throw new LoadFault('not one concept was found');
  onStep('hierarchy');
  const hierarchical = await makeClosure(client, id, concepts, links);
  onStep('names');
  await client.query(
    `create unlogged table ${stage('pick')} as
     select distinct on (n.code) n.code, n.value from ${stage('name')} n
     left join (select ref, min(rank) as rank from ${stage('preference')} group by ref) p on p.ref = n.ref
     where n.rank is not null
     order by n.code, coalesce(p.rank, n.rank), n.seq`,
  );
  onStep('concepts');
  await fillPartition(client, id);
  onStep('indexes');
  await indexPartition(client, id);
  return { concepts, hierarchical };
}

async function fillPartition(client: pg.ClientBase, id: number): Promise<void> {
  const stage = (kind: string) => stageOf(id, kind);
  const table = partitionOf(id);
  await client.query(`create table ${table} (like terminology.concept including defaults)`);
  // Default privileges would let the application write here.
  await client.query(`revoke insert, update, delete on ${table} from afar_app`);
  await client.query(
    `insert into ${table} (system, id, code, display, definition, inactive, abstract, parents, ancestors, below,
       properties, designations, words)
     select ${id}, n.id, n.code, coalesce(nullif(s.display, ''), k.value, n.code), s.definition, s.inactive, s.abstract,
       coalesce(c.parents, '{}'), coalesce(c.ancestors, array[n.id]), coalesce(c.below, 0),
       coalesce(p.properties, '{}'), coalesce(d.designations, '[]'),
       array_to_tsvector(array_remove(string_to_array(concat_ws(' ', s.words, d.words), ' '), ''))
     from ${stage('node')} n
     join ${stage('concept')} s on s.seq = n.seq
     left join ${stage('closure')} c on c.id = n.id
     left join ${stage('pick')} k on k.code = n.code
     left join (
       select code, jsonb_object_agg(name, list) as properties from (
         select code, name, jsonb_agg(distinct value) as list from ${stage('property')} group by code, name) grouped
       group by code) p on p.code = n.code
     left join (
       select code, string_agg(words, ' ') as words,
         jsonb_agg(jsonb_strip_nulls(jsonb_build_object('value', value, 'language', language, 'use', use)) order by seq) as designations
       from ${stage('name')} group by code) d on d.code = n.code
     order by n.id`,
  );
}

async function indexPartition(client: pg.ClientBase, id: number): Promise<void> {
  const table = partitionOf(id);
  await client.query(`alter table ${table} add primary key (system, id)`);
  await client.query(`create unique index on ${table} (system, code)`);
  await client.query(
    `create index on ${table} using gin (ancestors, parents, properties jsonb_path_ops, words)`,
  );
  // With it, attaching need not read the rows.
  await client.query(`alter table ${table} add constraint only_${id} check (system = ${id})`);
  await client.query(`analyze ${table}`);
}

/**
 * One transaction: the new version is there, what it replaces is not.
 * @param keepOld other versions of the system stay in force beside it
 */
export async function publish(
  client: pg.ClientBase,
  id: number,
  { concepts, hierarchical }: Built,
  keepOld: boolean,
  now: number,
): Promise<void> {
  await client.query('begin');
  try {
    await client.query(
      `alter table terminology.concept attach partition ${partitionOf(id)} for values in (${id})`,
    );
    await client.query(
      `insert into terminology.value_set (system, url, title, codes)
       select $1, m.url, min(m.title), array_agg(m.code order by m.place)
       from ${stageOf(id, 'member')} m join ${stageOf(id, 'node')} n on n.code = m.code group by m.url`,
      [id],
    );
    await client.query(
      `update terminology.code_system old set state = 'retired' from terminology.code_system new
       where new.id = $1 and old.url = new.url and old.state = 'ready' and (old.version = new.version or not $2)`,
      [id, keepOld],
    );
    await client.query(
      `update terminology.code_system set state = 'ready', concepts = $2, hierarchical = $3, loaded = $4 where id = $1`,
      [id, concepts, hierarchical, now],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}

export async function dropStages(client: pg.ClientBase, id: number): Promise<void> {
  await client.query(`drop table if exists ${stagesOf(id).join(', ')}`);
}

/** Takes away what was replaced and what a broken-off load left. */
export async function sweep(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ id: number }>(
    `select id from terminology.code_system where state in ('retired', 'loading')`,
  );
  for (const { id } of rows) {
    await dropStages(client, id);
    const attached = await client.query(
      `select from pg_inherits where inhrelid = to_regclass($1) and inhparent = 'terminology.concept'::regclass`,
      [partitionOf(id)],
    );
    if (attached.rowCount)
      await client.query(`alter table terminology.concept detach partition ${partitionOf(id)}`);
    await client.query(`drop table if exists ${partitionOf(id)}`);
    await client.query('delete from terminology.code_system where id = $1', [id]);
  }
}

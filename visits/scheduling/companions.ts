/** Rooms and interpreters that a visit takes along. */
import type { Queryable } from '@afar/platform';
import type { Resource, ResourceBrief } from '../contract.ts';

interface Row {
  rid: string;
  kind: ResourceBrief['kind'];
  body: Resource;
}

/** Names of rooms and services are the office's: whoever sees the visit sees them. By name. */
export async function companionsOf(
  sql: Queryable,
  tenant: number,
  visit: string,
): Promise<ResourceBrief[]> {
  const { rows } = await sql.query<Row>({
    name: 'visits.companions',
    text: `select r.rid, r.kind, r.body from visits.companion c
        join visits.resource r on r.tenant = c.tenant and r.rid = c.resource
      where c.tenant = $1 and c.visit = $2 order by r.body ->> 'name', r.rid`,
    values: [tenant, visit],
  });
  return rows.map(({ rid, kind, body }) => ({ id: rid, kind, name: body.name }));
}

/** Says anew what a visit takes along. */
export async function keepCompanions(
  sql: Queryable,
  tenant: number,
  visit: string,
  resources: readonly string[],
): Promise<void> {
  await sql.query({
    name: 'visits.leave-companions',
    text: 'delete from visits.companion where tenant = $1 and visit = $2 and resource <> all($3::uuid[])',
    values: [tenant, visit, resources],
  });
  await sql.query({
    name: 'visits.keep-companions',
    text: `insert into visits.companion (tenant, visit, resource)
      select $1, $2, one from unnest($3::uuid[]) one on conflict do nothing`,
    values: [tenant, visit, resources],
  });
}

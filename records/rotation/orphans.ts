/** What a rotation of index keys leaves behind and takes out: tokens that no row names, aliases under older keys. */
import type { Db, Queryable } from '@afar/platform';
import type { Turning } from './turn.ts';

/** Reads of whole tables take longer than a request may: half an hour is some hundred million rows. */
export function patiently<T>(db: Db, work: (tx: Queryable) => Promise<T>): Promise<T> {
  return db.tx(async (tx) => {
    await tx.query(`set local statement_timeout = '30min'`);
    return work(tx);
  });
}

interface Orphan {
  token: number | string;
  at: number;
  rid: string;
}

const batch = 500;

/**
 * Tokens that no row names. An update that read a row just before its tokens were changed for new ones, and wrote it just after,
 * took out the old ones and left the new; the body has the last word in any search, so they did no harm but lie there.
 */
export async function dropOrphans({ db, tenant }: Pick<Turning, 'db' | 'tenant'>): Promise<number> {
  const { rows } = await patiently(db, (tx) =>
    tx.query<Orphan>(
      `select t.token, t.at, t.rid from records.token t
       where t.tenant = $1 and not exists (select from records.resource r
         where r.tenant = t.tenant and r.rid = t.rid and r.at = t.at and t.token = any(r.tokens))`,
      [tenant],
    ),
  );
  let dropped = 0;
  for (let from = 0; from < rows.length; from += batch) {
    const some = rows.slice(from, from + batch);
    // Looked at again under the row's lock: an update may have come to name it meanwhile.
    const { rowCount } = await patiently(db, async (tx) => {
      await tx.query(
        'select from records.resource r where r.tenant = $1 and r.rid = any($2::uuid[]) order by r.type, r.rid for update',
        [tenant, some.map((one) => one.rid)],
      );
      return tx.query(
        `delete from records.token t using unnest($2::bigint[], $3::bigint[], $4::uuid[]) o(token, at, rid)
         where t.tenant = $1 and t.token = o.token and t.at = o.at and t.rid = o.rid
           and not exists (select from records.resource r
             where r.tenant = t.tenant and r.rid = t.rid and r.at = t.at and t.token = any(r.tokens))`,
        [
          tenant,
          some.map((one) => one.token),
          some.map((one) => one.at),
          some.map((one) => one.rid),
        ],
      );
    });
    dropped += rowCount;
  }
  return dropped;
}

/** Aliases under index keys before the settled one. */
export async function dropAliases({
  db,
  keys,
  tenant,
}: Pick<Turning, 'db' | 'keys' | 'tenant'>): Promise<void> {
  const { indexVersion } = await keys.tenant(tenant);
  await patiently(db, (tx) =>
    tx.query('delete from records.alias where tenant = $1 and index_version < $2', [
      tenant,
      indexVersion,
    ]),
  );
}

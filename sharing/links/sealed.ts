/** What links keep sealed under patients' keys, for rotations of keys. */
import { columnCensus, givingWay, type SealedStore, type Walk, type Walked } from '@afar/platform';
import { sealedUnderOwner } from '@afar/records';
import { noteContext, viewerContext } from './store.ts';

interface Row {
  id: string;
  patient: string;
  sealed: Buffer;
}

function sealedByOwner(
  table: string,
  column: string,
  contextOf: (id: string) => string,
): SealedStore {
  return {
    name: `${table} ${column}`,
    fate: 'resealed',
    census: (db, tenant) => columnCensus(db, tenant, { table, column }),
    async reseal({ db, keys, tenant, after, limit }: Walk): Promise<Walked> {
      const { rows } = await db.query<Row>(
        `select id, patient, ${column} as sealed from ${table}
         where tenant = $1 and ${column} is not null and ($2::uuid is null or id > $2) order by id limit $3`,
        [tenant, after ?? null, limit],
      );
      let moved = 0;
      let busy = 0;
      for (const { id, patient, sealed } of rows) {
        const context = contextOf(id);
        const fresh = await sealedUnderOwner(db, keys, { tenant, patient, context, sealed });
        if (!fresh) continue;
        const done = await givingWay(db, (tx) =>
          tx.query(`update ${table} set ${column} = $3 where tenant = $1 and id = $2`, [
            tenant,
            id,
            fresh,
          ]),
        );
        if (done?.rowCount) moved++;
        else busy++;
      }
      const last = rows.length < limit ? undefined : rows.at(-1);
      return { seen: rows.length, moved, busy, ...(last && { next: last.id }) };
    },
  };
}

export const linkStores: readonly SealedStore[] = [
  sealedByOwner('sharing.link', 'note', noteContext),
  sealedByOwner('sharing.link_opening', 'viewer', viewerContext),
];

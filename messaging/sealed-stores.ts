/** What this room keeps sealed under patients' keys, for rotations of keys. */
import { columnCensus, givingWay, type SealedStore, type Walk, type Walked } from '@afar/platform';
import { sealedUnderOwner } from '@afar/records';
import { draftContext } from './drafts.ts';
import { keyContext, nameContext } from './files.ts';

interface Row {
  id: string;
  patient: string;
  sealed: Buffer;
}

function byOwner(table: string, column: string, contextOf: (id: string) => string): SealedStore {
  return {
    name: `${table} ${column}`,
    fate: 'resealed',
    census: (db, tenant) => columnCensus(db, tenant, { table, column }),
    async reseal({ db, keys, tenant, after, limit }: Walk): Promise<Walked> {
      const { rows } = await db.query<Row>(
        `select id, patient, ${column} as sealed from ${table}
         where tenant = $1 and ($2::uuid is null or id > $2) order by id limit $3`,
        [tenant, after ?? null, limit],
      );
      const walked: Walked = { seen: rows.length, moved: 0, busy: 0 };
      for (const { id, patient, sealed } of rows) {
        const of = { tenant, patient, context: contextOf(id), sealed };
        const fresh = await sealedUnderOwner(db, keys, of);
        if (!fresh) continue;
        const done = await givingWay(db, (tx) =>
          tx.query(
            `update ${table} set ${column} = $3 where tenant = $1 and id = $2 and ${column} = $4`,
            [tenant, id, fresh, sealed],
          ),
        );
        if (done?.rowCount) walked.moved++;
        else walked.busy++;
      }
      const last = rows.length < limit ? undefined : rows.at(-1);
      return { ...walked, ...(last && { next: last.id }) };
    },
  };
}

export const messagingSealedStores: readonly SealedStore[] = [
  byOwner('messaging.draft', 'body', draftContext),
  byOwner('messaging.attachment', 'key', keyContext),
  byOwner('messaging.attachment', 'name', nameContext),
];

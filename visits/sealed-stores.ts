/** What this room keeps sealed, for rotations of keys. */
import {
  countedColumn,
  sealedTable,
  givingWay,
  columnCensus,
  type SealedStore,
  type Walk,
  type Walked,
} from '@afar/platform';
import { sealedUnderOwner } from '@afar/records';
import { roomStores } from './room-sealed-stores.ts';
import { placeContext } from './licensing/place.ts';
import { draftContext } from './note/draft.ts';
import { waitlistContext } from './waitlist/rows.ts';
import { bindComment } from './surveys/answer.ts';
import { bindTemplate } from './templates/templates.ts';

interface DraftRow {
  visit: string;
  patient: string;
  revision: number;
  body: Buffer;
}

/** Drafts are sealed under the patient's key: whose it is stands in the visit. */
const drafts: SealedStore = {
  name: 'visits.draft',
  fate: 'resealed',
  census: (db, tenant) => columnCensus(db, tenant, { table: 'visits.draft', column: 'body' }),
  async reseal({ db, keys, tenant, after, limit }: Walk): Promise<Walked> {
    const { rows } = await db.query<DraftRow>(
      `select d.visit, d.revision, d.body, v.patient from visits.draft d
         join visits.visit v on v.tenant = d.tenant and v.rid = d.visit
       where d.tenant = $1 and ($2::uuid is null or d.visit > $2) order by d.visit limit $3`,
      [tenant, after ?? null, limit],
    );
    let moved = 0;
    let busy = 0;
    for (const { visit, patient, revision, body } of rows) {
      const context = draftContext(visit, revision);
      const fresh = await sealedUnderOwner(db, keys, { tenant, patient, context, sealed: body });
      if (!fresh) continue;
      const done = await givingWay(db, (tx) =>
        tx.query(
          `update visits.draft set body = $4 where tenant = $1 and visit = $2 and revision = $3`,
          [tenant, visit, revision, fresh],
        ),
      );
      if (done?.rowCount) moved++;
      else busy++;
    }
    const last = rows.length < limit ? undefined : rows.at(-1);
    return { seen: rows.length, moved, busy, ...(last && { next: last.visit }) };
  },
};

/** A table whose `body` is sealed under the key of the `patient` beside it. @param id the column that names a row */
function byPatient(
  table: string,
  id: 'id' | 'visit',
  contextOf: (id: string) => string,
): SealedStore {
  return {
    name: table,
    fate: 'resealed',
    census: (db, tenant) => columnCensus(db, tenant, { table, column: 'body' }),
    async reseal({ db, keys, tenant, after, limit }: Walk): Promise<Walked> {
      const { rows } = await db.query<{ id: string; patient: string; body: Buffer }>(
        `select ${id} as id, patient, body from ${table}
         where tenant = $1 and ($2::uuid is null or ${id} > $2) order by ${id} limit $3`,
        [tenant, after ?? null, limit],
      );
      let moved = 0;
      let busy = 0;
      for (const row of rows) {
        const { patient, body } = row;
        const context = contextOf(row.id);
        const fresh = await sealedUnderOwner(db, keys, { tenant, patient, context, sealed: body });
        if (!fresh) continue;
        const done = await givingWay(db, (tx) =>
          tx.query(`update ${table} set body = $3 where tenant = $1 and ${id} = $2 and body = $4`, [
            tenant,
            row.id,
            fresh,
            body,
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

export const visitsSealedStores: readonly SealedStore[] = [
  drafts,
  // Where patients said they are, and why they wait.
  byPatient('visits.place', 'visit', placeContext),
  byPatient('visits.waitlist', 'id', waitlistContext),
  sealedTable<{ id: string }>({
    name: 'visits.survey_answer',
    table: 'visits.survey_answer',
    column: 'comment',
    fate: 'resealed',
    id: { id: 'uuid' },
    bind: bindComment,
  }),
  sealedTable<Parameters<typeof bindTemplate>[1]>({
    name: 'visits.template',
    table: 'visits.template',
    column: 'body',
    fate: 'resealed',
    id: { id: 'uuid' },
    columns: ['t.owner', 't.kind', 't.revision'],
    bind: bindTemplate,
  }),
  ...roomStores,
  // Kept for 60 s and for 24 h.
  countedColumn({
    name: 'visits.room_message',
    table: 'visits.room_message',
    column: 'body',
    fate: 'expires',
  }),
  countedColumn({
    name: 'visits.idempotency',
    table: 'visits.idempotency',
    column: 'answer',
    fate: 'expires',
  }),
];

/** What rooms keep sealed under patients' keys, for rotations of keys: guests' names, what was said, keys of files and recordings. */
import { columnCensus, givingWay, type SealedStore, type Walk, type Walked } from '@afar/platform';
import { sealedUnderOwner } from '@afar/records';
import { chatContext } from './chat/messages.ts';
import { fileContext } from './files/sealed-file.ts';
import { nameContext } from './invites/invite.ts';
import { keyContext } from './recording/recordings.ts';

/** Where a sealed value lies: `first` and `second` name its row, in the order of the walk. */
interface Row {
  first: string;
  second: string;
  patient: string;
  body: Buffer;
}

interface Column {
  table: string;
  column: string;
  /** Columns of the row's key, both uuid but for a chunk's number. */
  first: string;
  second: string;
  secondType: 'uuid' | 'int';
  /** Whose it is, where the table itself does not say. */
  owner?: { join: string; column: string };
  context(row: Row): string;
}

function ownerSealed(of: Column): SealedStore {
  const { table, column, first, second, secondType } = of;
  const name = `${table} ${column}`;
  return {
    name,
    fate: 'resealed',
    census: (db, tenant) => columnCensus(db, tenant, { table, column }),
    async reseal({ db, keys, tenant, after, limit }: Walk): Promise<Walked> {
      const [from, behind] = after?.split(' ') ?? [];
      const { rows } = await db.query<Row>(
        `select t.${first}::text as first, t.${second}::text as second, ${of.owner?.column ?? 't.patient'} as patient, t.${column} as body
         from ${table} t ${of.owner?.join ?? ''}
         where t.tenant = $1 and t.${column} is not null
           and ($2::uuid is null or (t.${first}, t.${second}) > ($2::uuid, $3::${secondType}))
         order by t.${first}, t.${second} limit $4`,
        [tenant, from ?? null, behind ?? null, limit],
      );
      let moved = 0;
      let busy = 0;
      for (const row of rows) {
        const { patient, body } = row;
        const context = of.context(row);
        const fresh = await sealedUnderOwner(db, keys, { tenant, patient, context, sealed: body });
        if (!fresh) continue;
        const done = await givingWay(db, (tx) =>
          tx.query(
            `update ${table} set ${column} = $4
             where tenant = $1 and ${first} = $2::uuid and ${second} = $3::${secondType} and ${column} = $5`,
            [tenant, row.first, row.second, fresh, body],
          ),
        );
        if (done?.rowCount) moved++;
        else busy++;
      }
      const last = rows.length < limit ? undefined : rows.at(-1);
      return {
        seen: rows.length,
        moved,
        busy,
        ...(last && { next: `${last.first} ${last.second}` }),
      };
    },
  };
}

const chat = {
  table: 'visits.chat_message',
  first: 'visit',
  second: 'id',
  secondType: 'uuid',
} as const;

export const roomStores: readonly SealedStore[] = [
  ownerSealed({
    table: 'visits.invite',
    column: 'name',
    first: 'visit',
    second: 'id',
    secondType: 'uuid',
    context: ({ second }) => nameContext(second),
  }),
  ownerSealed({
    ...chat,
    column: 'body',
    context: ({ first, second }) => chatContext(first, second),
  }),
  ownerSealed({
    ...chat,
    column: 'file_key',
    context: ({ second: id }) => fileContext({ of: 'chat', id }),
  }),
  ownerSealed({
    table: 'visits.recording',
    column: 'key',
    first: 'visit',
    second: 'id',
    secondType: 'uuid',
    context: ({ second }) => keyContext(second),
  }),
  ownerSealed({
    table: 'visits.recording_chunk',
    column: 'file_key',
    first: 'recording',
    second: 'n',
    secondType: 'int',
    owner: {
      join: 'join visits.recording r on r.tenant = t.tenant and r.id = t.recording',
      column: 'r.patient',
    },
    context: ({ first: id, second }) => fileContext({ of: 'recording', id, n: Number(second) }),
  }),
];

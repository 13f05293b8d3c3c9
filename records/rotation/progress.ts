/** Where a rotation stands, kept in the database: one that was broken off goes on from there. */
import type { Queryable } from '@afar/platform';

export type RotationKind = 'data' | 'index';

export interface Progress {
  tenant: number;
  kind: RotationKind;
  step: string;
  /** Keys made before this are changed, ms since epoch. */
  started: number;
  store: string | null;
  cursor: string | null;
  /** Rows looked at, and sealed or indexed anew, in all rounds. */
  seen: number;
  moved: number;
  updated: number;
  finished: number | null;
}

const columns = 'tenant, kind, step, started, store, cursor, seen, moved, updated, finished';

export async function progressOf(
  db: Queryable,
  tenant: number,
  kind: RotationKind,
): Promise<Progress | undefined> {
  const { rows } = await db.query<Progress>(
    `select ${columns} from records.rotation where tenant = $1 and kind = $2`,
    [tenant, kind],
  );
  return rows[0];
}

export async function keepProgress(db: Queryable, one: Progress): Promise<void> {
  await db.query({
    name: 'records.rotation-progress',
    text: `insert into records.rotation (${columns}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      on conflict (tenant, kind) do update set step = excluded.step, started = excluded.started, store = excluded.store,
        cursor = excluded.cursor, seen = excluded.seen, moved = excluded.moved, updated = excluded.updated,
        finished = excluded.finished`,
    values: [
      one.tenant,
      one.kind,
      one.step,
      one.started,
      one.store,
      one.cursor,
      one.seen,
      one.moved,
      one.updated,
      one.finished,
    ],
  });
}

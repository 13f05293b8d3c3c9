/** New data keys for a clinic and its patients, and everything sealed anew, while reads and writes go on. */
import type { SealedStore } from '@afar/platform';
import { patiently } from './orphans.ts';
import { sealedColumns } from './sealed-columns.ts';
import type { Progress } from './progress.ts';
import { inTurn } from './turn.ts';
import type { Turn, Turning } from './turn.ts';

export interface DataRotation {
  progress: Progress;
  /** Keys destroyed. */
  retired: number;
  /** What still lies under old keys, by store. Those keys stay. */
  left: Map<string, number>;
}

/** Patients given a new key at a time: one commit of the keystore. */
const patientsAtOnce = 500;

/**
 * Steps: the clinic's new key becomes known, then seals; each patient gets a new key; every store is walked; what is left under
 * old keys is counted, and keys that nothing is left under are destroyed. Each step can be repeated.
 */
export async function rotateData(on: Turning): Promise<DataRotation> {
  const { keys, tenant } = on;
  let retired = 0;
  let left = new Map<string, number>();
  const progress = await inTurn(on, 'data', 'clinic', async (turn) => {
    if (turn.at('clinic')) {
      const { started } = turn.progress;
      const own = keys.admin.store.tenantKeys(tenant).find((row) => row.state === 'current');
      if (!own || own.made < started) {
        await keys.admin.prepareTenantKey(tenant);
        // A process that does not know the key yet could not open what another seals with it.
        await turn.heard();
        keys.admin.promoteTenantKey(tenant);
      }
      await turn.goOn('patients');
    }
    if (turn.at('patients')) {
      await renewPatients(turn);
      // What is written from here on is under new keys; what was begun before is in the tables by then.
      await turn.settled();
      await turn.goOn('rows');
    }
    if (turn.at('rows')) {
      await turn.rounds();
      await turn.goOn('retire');
    }
    ({ retired, left } = await retireUnused(on));
  });
  return { progress, retired, left };
}

async function renewPatients(turn: Turn): Promise<void> {
  const { db, keys, tenant, signal } = turn.on;
  let after = turn.progress.cursor;
  for (;;) {
    signal?.throwIfAborted();
    const { rows } = await db.query<{ owner: string; kid: string }>(
      `select owner, kid from records.owner_key
       where tenant = $1 and ($2::uuid is null or owner > $2) order by owner limit $3`,
      [tenant, after, patientsAtOnce],
    );
    if (rows.length === 0) return;
    const families = rows.map((row) => row.kid);
    turn.progress.moved += await keys.admin.renew(tenant, families, turn.progress.started);
    turn.progress.seen += rows.length;
    after = rows.at(-1)!.owner;
    turn.progress.cursor = after;
    await turn.keep();
  }
}

/** What lies under which key, in all stores. */
export async function census(
  on: Pick<Turning, 'db' | 'tenant'>,
  stores: readonly SealedStore[],
): Promise<{ store: SealedStore; kids: Map<string, number> }[]> {
  const counted = [];
  for (const store of stores)
    counted.push({ store, kids: await patiently(on.db, (tx) => store.census(tx, on.tenant)) });
  return counted;
}

/**
 * Destroys old keys that seal nothing any more. A key with so much as one value under it stays.
 * @returns what is left under old keys, by store
 */
export async function retireUnused(
  on: Pick<Turning, 'db' | 'keys' | 'tenant' | 'stores'>,
): Promise<{ retired: number; left: Map<string, number> }> {
  const old = on.keys.admin.oldKeys(on.tenant).map((key) => key.kid);
  const left = new Map<string, number>();
  if (old.length === 0) return { retired: 0, left };
  const used = new Set<string>();
  const outside = on.stores.filter((store) => store.outside);
  const counted = [
    ...(await census(on, outside)).map(({ store, kids }) => ({ name: store.name, kids })),
    // Every column there is, named by a room or not: what a room forgot to name is not lost for that.
    ...(await patiently(on.db, (tx) => sealedColumns(tx, on.tenant, old))),
  ];
  for (const { name, kids } of counted)
    for (const kid of old) {
      const n = kids.get(kid);
      if (n === undefined) continue;
      used.add(kid);
      left.set(name, (left.get(name) ?? 0) + n);
    }
  const unused = old.filter((kid) => !used.has(kid));
  await on.keys.admin.retire(on.tenant, unused);
  return { retired: unused.length, left };
}

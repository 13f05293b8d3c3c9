/** What this room keeps sealed, for rotations of keys: current versions, superseded ones, the directory, kept answers. */
import { countedColumn, sealedTable } from '@afar/platform';
import type { DataKey, SealedStore, Walk } from '@afar/platform';
import type { RecordsContext } from '../context.ts';
import { directoryPlace } from '../directory/index.ts';
import { factsOf } from '../vault.ts';
import type { Row } from '../vault.ts';
import { currentKeys } from './owner-family.ts';
import { resourceStore } from './resources.ts';

interface Owned {
  owner: string | null;
}

/** The owner's key, or the clinic's for what nobody owns. */
async function keysOf(
  { db, keys, tenant }: Walk,
  rows: readonly Owned[],
): Promise<(DataKey | undefined)[]> {
  const own = await keys.tenant(tenant);
  const owners = rows.flatMap(({ owner }) => (owner ? [owner] : []));
  const found = await currentKeys(db, keys, tenant, owners);
  return rows.map(({ owner }) => (owner ? found.get(owner) : own));
}

/** All that a version's seal vouches for. */
const facts = [
  'type',
  'rid',
  'version',
  'updated',
  'verb',
  'deleted',
  'at',
  'until',
  'owner',
  'compartment_hash',
  'labels',
].map((name) => `t.${name}`);

export function recordsSealedStores(ctx: RecordsContext): SealedStore[] {
  return [
    resourceStore(ctx),
    sealedTable<Row>({
      name: 'records.history',
      table: 'records.history',
      column: 'body',
      fate: 'resealed',
      id: { type: 'text', rid: 'uuid', version: 'int', updated: 'bigint' },
      columns: facts,
      bind: factsOf,
      keysOf,
    }),
    sealedTable<Owned & { type: string; rid: string }>({
      name: 'records.directory',
      table: 'records.directory',
      column: 'sealed',
      fate: 'resealed',
      id: { type: 'text', rid: 'uuid' },
      join: `left join records.resource r on r.tenant = t.tenant and r.type = t.type and r.rid = t.rid`,
      columns: ['r.owner'],
      bind: (tenant, { type, rid }) => directoryPlace({ tenant, type, rid }),
      keysOf,
    }),
    // Forgotten after 24 h.
    countedColumn({
      name: 'records.idempotency',
      table: 'records.idempotency',
      column: 'response',
      fate: 'expires',
    }),
  ];
}

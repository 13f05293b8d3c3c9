/** Erases a patient: her keys destroyed, what leads to her taken out, every process told; the trail keeps ids only. */
import type { Audit } from '@afar/access';
import { systemId } from '@afar/access';
import { KeyErased, KeyUnavailable } from '@afar/platform';
import type { Db, Events, KeyRing, Log, Queryable } from '@afar/platform';
import type { Aliases } from '../aliases.ts';
import type { Directory } from '../directory/index.ts';
import type { Vault } from '../vault.ts';
import { patiently } from './orphans.ts';

/** Why a patient is erased; a word of ours, so that the trail holds no story. */
export const erasureReasons = [
  'patient-request',
  'court-order',
  'retention-ended',
  'entered-in-error',
] as const;
export type ErasureReason = (typeof erasureReasons)[number];

export interface Erasing {
  db: Db;
  keys: KeyRing;
  events: Pick<Events, 'publish'>;
  aliases: Aliases;
  audit: Audit;
  clock: { now(): number };
  tenant: number;
}

export interface Erased {
  patient: string;
  /** Versions of resources that no key opens any more. */
  versions: number;
  /** The wrapping epoch in force now: keystores copied before it hold keys that today's no longer open. */
  epoch: number;
  /** What became of the versions of the key-encryption key that the old epoch was wrapped under. */
  kek: string[];
  /** The new key-encryption key is the operator's to make: what to do is in docs/operating.md. */
  byHand: boolean;
}

interface ErasedEvent {
  tenant: number;
  kids: string[];
}

export const erasedChannel = 'records.erased';

/**
 * Can be repeated: what was broken off is finished.
 * @param id the Patient's id as clients know it
 * @throws Error when there is no such patient
 */
export async function erasePatient(
  on: Erasing,
  id: string,
  reason: ErasureReason,
): Promise<Erased> {
  const { db, keys, tenant } = on;
  const [patient] = await on.aliases.find(db, tenant, [{ type: 'Patient', id }]);
  const { rows } = await db.query<{ kid: string }>(
    'select kid from records.owner_key where tenant = $1 and owner = $2',
    [tenant, patient ?? null],
  );
  const family = rows[0]?.kid;
  if (patient === undefined || family === undefined)
    throw new Error('nothing was ever written for a patient of this id');
  const kids = keys.admin.store.family(tenant, family).map((row) => row.kid);
  // First the keys: whatever happens after this, nothing of hers is read again.
  await keys.erase(tenant, family);
  const versions = await patiently(db, (tx) => takeOut(on, tx, patient, reason));
  await on.events.publish(erasedChannel, { tenant, kids: [family, ...kids] } satisfies ErasedEvent);
  return { patient, versions, ...(await newEpoch(keys, tenant)) };
}

/**
 * The keys that are left are wrapped under a new wrapping key, that one under a new key-encryption key, and the old ones are
 * destroyed: a keystore copied yesterday holds the erased key wrapped under what exists no more.
 */
async function newEpoch(
  keys: KeyRing,
  tenant: number,
): Promise<Pick<Erased, 'epoch' | 'kek' | 'byHand'>> {
  const before = keys.admin.kekVersions();
  const advanced = await keys.admin.advanceKek();
  const epoch = await keys.rotate(tenant);
  await keys.admin.moveToProvider();
  if (advanced === undefined) return { epoch, kek: [], byHand: true };
  const used = keys.admin.kekVersions();
  // Those on the disk that an erasure which was broken off has left, too.
  const known = new Set([...before, ...(keys.admin.providers.current.versions?.() ?? [])]);
  const older = [...known].filter((one) => !used.has(one) && one !== advanced);
  return { epoch, kek: await keys.admin.retireKek(older), byHand: false };
}

/** Index rows, names, grants: all that leads to the patient. Bodies stay as they are, and nobody can read them. */
async function takeOut(
  { audit, clock, tenant }: Erasing,
  tx: Queryable,
  patient: string,
  reason: ErasureReason,
): Promise<number> {
  const values = [tenant, patient];
  const run = (text: string) => tx.query(text, values);
  const hers = `select r.type, r.rid from records.resource r where r.tenant = $1 and r.owner = $2::uuid`;
  await run(`delete from records.token t using records.resource r
    where r.tenant = $1 and r.owner = $2::uuid and t.tenant = $1 and t.token = any(r.tokens) and t.at = r.at and t.rid = r.rid`);
  await run(
    `update records.resource set tokens = '{}' where tenant = $1 and owner = $2::uuid and tokens <> '{}'`,
  );
  await run(`delete from records.edge e using (${hers}) r
    where e.tenant = $1 and ((e.source = r.rid and e.source_type = r.type) or (e.target = r.rid and e.target_type = r.type))`);
  await run(
    `delete from records.period p using (${hers}) r where p.tenant = $1 and p.rid = r.rid and p.type = r.type`,
  );
  await run(
    `delete from records.alias a using (${hers}) r where a.tenant = $1 and a.type = r.type and a.rid = r.rid`,
  );
  await run('delete from records.compartment where tenant = $1 and patient = $2::uuid');
  await run(
    `delete from records.compartment c using (${hers}) r where c.tenant = $1 and c.rid = r.rid and c.type = r.type`,
  );
  // Emptied and not deleted: that is how every process's memory knows an erasure (records/directory).
  await run(`update records.directory d set sealed = null, deleted = false, seq = nextval('records.directory_seq'),
      xid = pg_current_xact_id()
    from (${hers}) r where d.tenant = $1 and d.type = r.type and d.rid = r.rid and d.sealed is not null`);
  await run('delete from records."grant" where tenant = $1 and patient = $2::uuid');
  await run('delete from records.deny where tenant = $1 and patient = $2::uuid');
  const { rows } = await tx.query<{ n: number }>(
    `select (select count(*) from records.resource where tenant = $1 and owner = $2::uuid)
       + (select count(*) from records.history where tenant = $1 and owner = $2::uuid) as n`,
    values,
  );
  await audit.within(tx, {
    tenant,
    at: clock.now(),
    requestId: `erase:${patient}`,
    who: systemId,
    role: 'system',
    ip: '',
    verb: 'D',
    action: `erase-${reason}`,
    type: 'Patient',
    rid: patient,
    patients: [patient],
    purpose: 'TREAT',
    outcome: 0,
  });
  return Number(rows[0]!.n);
}

/** Lets this process forget who is erased in another, or in this one, at once. */
export function onErased(deps: {
  db: Db;
  keys: KeyRing;
  events: Pick<Events, 'subscribe'>;
  directory: Directory;
  vault: Vault;
  log: Log;
}): () => void {
  const { db, keys, events, directory, vault, log } = deps;
  const follow = (tenant: number) => {
    directory.follow(db, tenant).catch((error: unknown) => {
      // The next search takes it in.
      if (!(error instanceof KeyErased || error instanceof KeyUnavailable))
        log.warn({ err: error }, 'an erasure was heard of and not followed at once');
    });
  };
  return events.subscribe(
    erasedChannel,
    (payload) => {
      const { tenant, kids } = payload as unknown as ErasedEvent;
      keys.hear();
      vault.forget(new Set(kids));
      follow(tenant);
    },
    () => {
      keys.hear();
      for (const tenant of keys.admin.tenants()) follow(tenant);
    },
  );
}

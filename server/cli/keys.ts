/** `keys status|rotate|erase|backup|restore`: the keys of the clinic, by an operator's hand. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { accessSealedStores } from '@afar/access';
import { enrolmentSealedStores } from '@afar/enrolment';
import { messagingSealedStores } from '@afar/messaging';
import { exchangeSealedStores } from '@afar/exchange';
import { sharingSealedStores } from '@afar/sharing';
import { backupKeystore, restoreKeystore, sealedObjects, sealedVapid } from '@afar/platform';
import { erasureReasons, keyWorkOf, progressOf } from '@afar/records';
import type { ErasureReason, KeyWork } from '@afar/records';
import { visitsSealedStores } from '@afar/visits';
import type { Config } from '../config.ts';
import { openDataFolder } from '../data-folder.ts';
import { firstTenant, type House } from '../house.ts';
import { chosenTenant } from './chosen-tenant.ts';
import { kekProviders } from '../kek.ts';
import { refusedInLockdown } from './lockdown.ts';
import { withHouse } from './open.ts';
import { keysStatus } from './keys-status.ts';

const usage = `keys status [--count]                     what there is, what is due; --count reads every table
keys rotate --data | --index | --kek      new keys, while the server runs; broken off, it goes on when run again
                                          --kek --destroy-old also destroys what the old key-encryption key opens
keys erase PATIENT --reason REASON --confirm PATIENT
                                          for ever; REASON: ${erasureReasons.join(', ')}
keys backup FILE                          the keystore, sealed; keep it apart from the database, and not for long
keys restore FILE                         into a data folder without a keystore, with the server stopped`;

function fail(text: string): number {
  console.error(text);
  return 2;
}

/** Exit code 0 done, 1 failed, 2 not understood or refused. */
export async function keysCommand(config: Config, args: string[]): Promise<number> {
  let parsed;
  try {
    parsed = parseArgs({
      args,
      allowPositionals: true,
      options: {
        count: { type: 'boolean' },
        data: { type: 'boolean' },
        index: { type: 'boolean' },
        kek: { type: 'boolean' },
        'destroy-old': { type: 'boolean' },
        reason: { type: 'string' },
        confirm: { type: 'string' },
      },
    });
  } catch {
    return fail(usage);
  }
  const { positionals, values } = parsed;
  const [what, name, ...more] = positionals;
  if (more.length > 0) return fail(usage);
  if (what === 'status' && name === undefined)
    return withHouse(config, async (house) => {
      await keysStatus(house, workOf(config, house), { count: values.count === true });
      return 0;
    });
  if (what === 'rotate' && name === undefined) return rotate(config, values);
  if (what === 'erase' && name !== undefined) return erase(config, name, values);
  if (what === 'backup' && name !== undefined)
    return withHouse(config, async ({ keys, clock }) => {
      const { epochs } = await backupKeystore(keys.admin, name, clock.now());
      console.log(
        `The keystore is in ${name}, sealed (epoch ${Object.values(epochs).join(', ')}).`,
      );
      console.log('An erasure makes it useless: make a new one after each, and delete this one.');
      return 0;
    });
  if (what === 'restore' && name !== undefined) {
    const { provider, formerly } = kekProviders(config);
    try {
      const folder = openDataFolder(config.data);
      const { at } = await restoreKeystore(folder.keys, name, [provider, ...formerly]);
      console.log(`The keystore of ${new Date(at).toISOString()} is in its place.`);
      return 0;
    } finally {
      for (const one of [provider, ...formerly]) one.close?.();
    }
  }
  return fail(usage);
}

function workOf(config: Config, house: House): KeyWork {
  const folder = openDataFolder(config.data);
  const objects = sealedObjects(folder.objects);
  return keyWorkOf(house.records, [
    ...accessSealedStores,
    ...visitsSealedStores,
    ...exchangeSealedStores,
    ...sharingSealedStores,
    ...enrolmentSealedStores,
    ...messagingSealedStores,
    objects,
    sealedVapid(join(folder.keys, 'vapid'), firstTenant),
  ]);
}

async function rotate(
  config: Config,
  values: { data?: boolean; index?: boolean; kek?: boolean; 'destroy-old'?: boolean },
): Promise<number> {
  if ([values.data, values.index, values.kek].filter(Boolean).length !== 1) return fail(usage);
  return withHouse(config, async (house) => {
    if (await refusedInLockdown(house, chosenTenant())) return 2;
    if (values.kek) return rotateKek(house, values['destroy-old'] === true);
    const say = ({
      step,
      store,
      seen,
      moved,
    }: {
      step: string;
      store: string | null;
      seen: number;
      moved: number;
    }) => console.log(`${step}${store ? ` ${store}` : ''}: ${seen} looked at, ${moved} changed`);
    const kind = values.data ? 'data' : 'index';
    const tenant = chosenTenant();
    const before = await progressOf(house.db, tenant, kind);
    if (before && before.finished === null)
      console.log(`Going on with the rotation of ${new Date(before.started).toISOString()}.`);
    if (values.index) {
      await workOf(config, house).rotateIndex(tenant, { say });
      console.log('Every row is indexed under the new keys, which alone are searched.');
      return 0;
    }
    const { retired, left } = await workOf(config, house).rotateData(tenant, { say });
    console.log(`Everything is sealed under new keys; ${retired} old keys are destroyed.`);
    for (const [store, n] of left)
      console.log(`${store} still has ${n} values under old keys, which stay for them.`);
    return 0;
  });
}

/** A new version of the key-encryption key where the provider can make one, or another provider altogether. */
async function rotateKek({ keys }: House, destroyOld: boolean): Promise<number> {
  const { admin } = keys;
  const tenant = chosenTenant();
  await keys.tenant(tenant);
  const before = admin.kekVersions();
  const { provider } = admin.status(tenant);
  const moving = provider !== admin.providers.current.id;
  const made = moving ? undefined : await admin.advanceKek();
  const moved = await admin.moveToProvider();
  console.log(
    `${moved} wrapping key(s) are wrapped by ${admin.providers.current.id}${made ? `, version ${made}` : ''}.`,
  );
  if (moving) {
    console.log(`${provider} wraps nothing any more: AFAR_KEK_PROVIDER_OLD can go.`);
    return 0;
  }
  if (!made)
    console.log('This provider leaves making a new key to its operator (docs/operating.md, Keys).');
  const used = admin.kekVersions();
  // On the disk there may be those that were kept before, too.
  const known = new Set([...before, ...(admin.providers.current.versions?.() ?? [])]);
  const old = [...known].filter((one) => !used.has(one) && one !== made);
  if (destroyOld) for (const line of await admin.retireKek(old)) console.log(line);
  else
    for (const one of old)
      console.log(`Version ${one} is kept: copies of the keystore made before need it.`);
  return 0;
}

async function erase(
  config: Config,
  patient: string,
  values: { reason?: string; confirm?: string },
): Promise<number> {
  const reason = erasureReasons.find((one) => one === values.reason);
  if (!reason) return fail(`Say why: --reason ${erasureReasons.join(' | ')}`);
  if (values.confirm !== patient)
    return fail(
      [
        `This destroys the keys of Patient/${patient}: nobody will read that record again, here or from any copy made before.`,
        'Look first whether the law or a legal hold asks for the record to be kept: no command can bring it back.',
        `To go on, say it again: --confirm ${patient}`,
      ].join('\n'),
    );
  return withHouse(config, async (house) => {
    if (await refusedInLockdown(house, chosenTenant())) return 2;
    const done = await workOf(config, house).erase(
      chosenTenant(),
      patient,
      reason as ErasureReason,
    );
    console.log(`Patient/${patient} is erased: ${done.versions} versions that no key opens.`);
    console.log(`The keys that are left are wrapped anew (epoch ${done.epoch}).`);
    for (const line of done.kek) console.log(`Key-encryption key: ${line}.`);
    if (done.byHand)
      console.log(
        'Copies of the keystore made before stay readable until the key-encryption key is replaced and destroyed at its provider by hand: docs/operating.md, Keys.',
      );
    console.log('Make a new backup of the keystore now, and delete those made before.');
    return 0;
  });
}

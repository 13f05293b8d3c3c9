/** From rows of the keystore to keys, and what each wrapping is bound to. */
import { createSecretKey, type KeyObject } from 'node:crypto';
import { dataKey, firstIndex, indexKeys, type DataKey, type IndexKey } from './data-key.ts';
import { KeyUnavailable } from './errors.ts';
import type { IndexRow, KeyRow, Keystore } from './keystore.ts';
import { unwrapKey } from './wrap.ts';

/** What the provider's wrapping of a clinic's wrapping key is bound to. */
export const wrappingContext = (tenant: number, epoch: number): string =>
  `tenant ${tenant} epoch ${epoch}`;

/** What the wrapping of a data key is bound to. */
export function keyContext(
  tenant: number,
  row: Pick<KeyRow, 'kid' | 'epoch' | 'version' | 'indexVersion' | 'family'>,
): string {
  const family = row.family === null ? '' : ` family ${row.family}`;
  return `tenant ${tenant} kid ${row.kid} epoch ${row.epoch} data v${row.version} index v${row.indexVersion}${family}`;
}

/** What the wrapping of an index key is bound to. */
export const indexContext = (tenant: number, row: Omit<IndexRow, 'wrapped'>): string =>
  `tenant ${tenant} family ${row.family} epoch ${row.epoch} index key v${row.version}`;

/** The secret of a data key. @throws KeyUnavailable */
export function secretOf(tenant: number, wrapping: KeyObject, row: KeyRow): Buffer {
  try {
    return unwrapKey(wrapping, row.wrapped, keyContext(tenant, row));
  } catch (cause) {
    throw new KeyUnavailable(`key ${row.kid} does not open`, { cause });
  }
}

/** The index keys of a family as they are kept; empty when it never changed its first. @throws KeyUnavailable */
export function indexesOf(
  store: Keystore,
  tenant: number,
  wrapping: KeyObject,
  family: string,
): IndexKey[] {
  return store.indexes(tenant, family).map((row) => {
    try {
      const key = createSecretKey(unwrapKey(wrapping, row.wrapped, indexContext(tenant, row)));
      return { version: row.version, key };
    } catch (cause) {
      throw new KeyUnavailable(`an index key of ${family} does not open`, { cause });
    }
  });
}

/** The working keys of a row. @throws KeyUnavailable */
export function openKeyRow(
  store: Keystore,
  tenant: number,
  wrapping: KeyObject,
  row: KeyRow,
): DataKey {
  const secret = secretOf(tenant, wrapping, row);
  const family = row.family ?? row.kid;
  const known = indexesOf(store, tenant, wrapping, family);
  if (known.length === 0) {
    if (row.family !== null) throw new KeyUnavailable(`the index keys of ${family} are missing`);
    known.push({ version: row.indexVersion, key: createSecretKey(firstIndex(row.kid, secret)) });
  }
  const indexes = indexKeys(known, known.length > 1 ? store.phase(tenant) : undefined);
  const key = dataKey(row.kid, family, secret, row.version, indexes);
  secret.fill(0);
  return key;
}

/** A clinic's own key, with those before and after it beside. @throws KeyUnavailable */
export function tenantKeyOf(store: Keystore, tenant: number, wrapping: KeyObject): DataKey {
  const rows = store.tenantKeys(tenant);
  const own = rows.find((row) => row.state === 'current');
  if (!own) throw new KeyUnavailable(`clinic ${tenant} has no current key`);
  const key = openKeyRow(store, tenant, wrapping, own);
  const others = rows.filter((row) => row !== own);
  if (others.length === 0) return key;
  const older = new Map(
    others.map((row) => [row.kid, openKeyRow(store, tenant, wrapping, row)] as const),
  );
  return { ...key, older };
}

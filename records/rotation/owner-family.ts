/** Whose key is which, for many owners at once; a patient who was erased has none. */
import { aad, KeyErased, kidOf, open, seal } from '@afar/platform';
import type { DataKey, KeyRing, Queryable } from '@afar/platform';

/** The current keys of owners; erased and unknown ones are absent. */
export async function currentKeys(
  db: Queryable,
  keys: KeyRing,
  tenant: number,
  owners: readonly string[],
): Promise<Map<string, DataKey>> {
  const found = new Map<string, DataKey>();
  if (owners.length === 0) return found;
  const { rows } = await db.query<{ owner: string; kid: string }>({
    name: 'records.rotation-owners',
    text: 'select owner, kid from records.owner_key where tenant = $1 and owner = any($2::uuid[])',
    values: [tenant, [...new Set(owners)]],
  });
  for (const { owner, kid } of rows)
    try {
      found.set(owner, await keys.current(tenant, kid));
    } catch (error) {
      if (!(error instanceof KeyErased)) throw error;
    }
  return found;
}

/**
 * A value that was sealed by `sealFor`, sealed anew under its patient's current key; undefined when it is already, or when the
 * patient was erased.
 */
export async function sealedUnderOwner(
  db: Queryable,
  keys: KeyRing,
  one: { tenant: number; patient: string; context: string; sealed: Buffer },
): Promise<Buffer | undefined> {
  const { tenant, patient, context, sealed } = one;
  const key = (await currentKeys(db, keys, tenant, [patient])).get(patient);
  const kid = kidOf(sealed);
  if (!key || key.kid === kid) return undefined;
  const place = aad('lent', tenant, patient, context);
  return seal(open(sealed, await keys.byId(tenant, kid), place), key, place);
}

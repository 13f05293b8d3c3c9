/** Whether a caller still has what she had: asked before a copy that was made for her earlier is handed out. */
import { createHash } from 'node:crypto';
import type { Caller } from '@afar/access';
import { KeyErased } from '@afar/platform';
import type { Db, KeyRing } from '@afar/platform';

/**
 * What decides, beside role and scopes, whether the caller sees rows of these patients: undefined when she does not hold the
 * charts of all of them at this instant, else a digest of the denials against her. Equal digests: nothing was taken away.
 * @param patients rids
 */
export async function standingOf(
  db: Db,
  { tenant, principals, wildcard, at, only }: Caller,
  patients: readonly string[],
): Promise<Buffer | undefined> {
  if (only !== undefined && patients.some((one) => one !== only)) return undefined;
  const { rows } = await db.query<{ held: number; denied: string[] | null }>({
    name: 'records.standing',
    text: `select
        (select count(*)::int from unnest($3::uuid[]) p(patient) where exists (select from records."grant" g
           where g.tenant = $1 and g.principal = any($2::uuid[]) and g.patient = p.patient and g.class = 'chart'
             and g.starts <= $4::bigint and g.ends > $4::bigint offset 0)) as held,
        (select array_agg(d.patient || ' ' || d.label order by d.patient, d.label, d.principal) from records.deny d
           where d.tenant = $1 and d.principal = any($2::uuid[])) as denied`,
    values: [tenant, principals, wildcard ? [] : patients, at],
  });
  const { held, denied } = rows[0]!;
  if (!wildcard && held < patients.length) return undefined;
  // Denials are few and concern one caller: all of them count, whichever patients a file holds.
  return createHash('sha256')
    .update((denied ?? []).join())
    .digest();
}

/** Those of some patients (rids) whose key was erased: a copy of what it sealed is not to be kept either. */
export async function erasedAmong(
  { db, keys }: { db: Db; keys: KeyRing },
  tenant: number,
  patients: readonly string[],
): Promise<Set<string>> {
  const { rows } = await db.query<{ owner: string; kid: string }>({
    name: 'records.erased-among',
    text: 'select owner, kid from records.owner_key where tenant = $1 and owner = any($2::uuid[])',
    values: [tenant, patients],
  });
  const erased = new Set<string>();
  for (const { owner, kid } of rows)
    try {
      await keys.byId(tenant, kid);
    } catch (error) {
      if (!(error instanceof KeyErased)) throw error;
      erased.add(owner);
    }
  return erased;
}

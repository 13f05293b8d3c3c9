/** Whether a caller still has what she had: asked before a copy that was made for her earlier is handed out. */
import { createHash } from 'node:crypto';
import { purposesServing } from '@afar/access';
import type { Caller } from '@afar/access';
import { KeyErased } from '@afar/platform';
import type { Db, KeyRing } from '@afar/platform';
import { everybody } from '../denials.ts';

/**
 * What decides, beside role and scopes, whether the caller sees rows of these patients: undefined when she holds nothing
 * in one of their charts at this instant, else a digest of what is granted to her in parts and of the denials against her.
 * Equal digests: nothing was taken away.
 * @param patients rids
 */
export async function standingOf(
  db: Db,
  { tenant, principals, wildcard, at, only, purpose }: Caller,
  patients: readonly string[],
): Promise<Buffer | undefined> {
  if (only !== undefined && patients.some((one) => one !== only)) return undefined;
  const { rows } = await db.query<{ parts: (string | null)[]; denied: string[] | null }>({
    name: 'records.standing',
    text: `select
        array(select (select case when bool_or(g.class = 'chart') then 'chart'
             else string_agg(distinct p.patient || ' ' || g.class, ' ' order by p.patient || ' ' || g.class) end
           from records."grant" g where g.tenant = $1 and g.principal = any($2::uuid[]) and g.patient = p.patient
             and g.purpose = any($6::text[]) and g.starts <= $4::bigint and g.ends > $4::bigint)
           from unnest($3::uuid[]) p(patient)) as parts,
        (select array_agg(concat_ws(' ', d.patient, d.label, d.type, d.rid, d.purpose, d.starts, d.ends, d.spares, d.firm)
             order by d.source, d.rule, d.n, d.principal)
           from records.deny d where d.tenant = $1 and (d.principal = any($2::uuid[])
             or not $5::bool and d.principal = '${everybody}' and d.patient = any($3::uuid[]))) as denied`,
    values: [tenant, principals, wildcard ? [] : patients, at, wildcard, purposesServing(purpose)],
  });
  const { parts, denied } = rows[0]!;
  if (parts.includes(null)) return undefined;
  // Denials are few and concern one caller: all of them count, whichever patients a file holds.
  return createHash('sha256')
    .update([...parts.filter((one) => one !== 'chart'), ...(denied ?? [])].join())
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

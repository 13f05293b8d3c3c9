/** What a clinic promises, and who reads for everybody. */
import { isUuid } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { MessagingSettings } from './contract.ts';
import type { House } from './house.ts';
import { carers } from './standing.ts';

/** Two days: over a weekend staff close or answer what came on Friday. */
const usual: Required<MessagingSettings> = { hours: 48, pool: [] };

export async function settingsOf(
  sql: Queryable,
  tenant: number,
): Promise<Required<MessagingSettings>> {
  const { rows } = await sql.query<Required<MessagingSettings>>({
    name: 'messaging.setting',
    text: 'select hours, pool from messaging.setting where tenant = $1',
    values: [tenant],
  });
  return rows[0] ?? usual;
}

/** @throws Refusal 'invalid' (422) */
export function readSettings(body: unknown): Required<MessagingSettings> {
  const { hours, pool } = (body ?? {}) as Record<string, unknown>;
  if (!Number.isInteger(hours) || Number(hours) < 1 || Number(hours) > 240)
    throw new Refusal('invalid', {
      status: 422,
      diagnostics: '1 to 240 hours',
      expression: ['hours'],
    });
  const ids = Array.isArray(pool) ? (pool as unknown[]) : undefined;
  if (!ids || ids.length > 50 || !ids.every((one) => typeof one === 'string' && isUuid(one)))
    throw new Refusal('invalid', {
      status: 422,
      diagnostics: 'ids of 50 practitioners at most',
      expression: ['pool'],
    });
  return { hours: Number(hours), pool: [...new Set(ids as string[])] };
}

/**
 * Charts open to whoever is in the pool: the office names nobody who does not treat people here. Who was in it before may have left.
 * @throws Refusal 'invalid' (422)
 */
export async function requireCarers(
  { db, access }: Pick<House, 'db' | 'access'>,
  tenant: number,
  pool: readonly string[],
): Promise<void> {
  const before = (await settingsOf(db, tenant)).pool;
  const added = pool.filter((id) => !before.includes(id));
  const found = await Promise.all(
    added.map((id) => access.accounts.byFhirUser(tenant, { type: 'Practitioner', id })),
  );
  if (found.some((one) => !one || !carers.includes(one.role)))
    throw new Refusal('invalid', {
      status: 422,
      diagnostics: 'clinicians and nurses of this clinic',
      expression: ['pool'],
    });
}

export async function putSettings(
  sql: Queryable,
  tenant: number,
  { hours, pool }: Required<MessagingSettings>,
  now: number,
): Promise<void> {
  await sql.query(
    `insert into messaging.setting (tenant, hours, pool, updated) values ($1, $2, $3, $4)
     on conflict (tenant) do update set hours = excluded.hours, pool = excluded.pool, updated = excluded.updated`,
    [tenant, hours, pool, now],
  );
}

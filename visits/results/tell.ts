/** Word that a result waits: to whoever answers for it, her cover, the care team, the office. Never what it says, nor of whom. */
import type { Queryable } from '@afar/platform';
import type { House } from '../house.ts';
import { coverOf } from './responsible.ts';
import type { ResultRow } from './rows.ts';

type Addressed = Pick<ResultRow, 'tenant' | 'clinician' | 'assignee'>;

async function accountOf(house: House, tenant: number, id: string): Promise<string | undefined> {
  const found = await house.access.accounts.byFhirUser(tenant, { type: 'Practitioner', id });
  return found?.id;
}

/** Whoever is asked now: the one it was passed to, else the one it is of; and who covers for her. */
export async function askedNow(house: House, sql: Queryable, row: Addressed): Promise<string[]> {
  const owner = row.assignee ?? row.clinician;
  if (!owner) return [];
  const cover = await coverOf(sql, row.tenant, owner, house.clock.now());
  return cover ? [owner, cover] : [owner];
}

export async function tellUrgent(house: House, sql: Queryable, row: Addressed): Promise<void> {
  for (const id of await askedNow(house, sql, row)) {
    const account = await accountOf(house, row.tenant, id);
    if (account)
      await house.access.notices.tell(
        { tenant: row.tenant, to: { account }, kind: 'result-urgent' },
        sql,
      );
  }
}

export async function tellTeam(
  house: House,
  sql: Queryable,
  tenant: number,
  accounts: readonly string[],
): Promise<void> {
  for (const account of accounts)
    await house.access.notices.tell({ tenant, to: { account }, kind: 'result-escalated' }, sql);
}

export async function tellOffice(house: House, sql: Queryable, tenant: number): Promise<void> {
  await house.access.notices.tell(
    { tenant, to: { role: 'administrator' }, kind: 'results-unanswered' },
    sql,
  );
}

/** She and who speaks for her: that something can be read. */
export async function tellPatient(house: House, sql: Queryable, row: ResultRow): Promise<void> {
  const found = await house.access.accounts.byFhirUser(row.tenant, {
    type: 'Patient',
    id: row.patient,
  });
  if (found)
    await house.access.notices.tell(
      { tenant: row.tenant, to: { account: found.id }, kind: 'result-ready' },
      sql,
    );
}

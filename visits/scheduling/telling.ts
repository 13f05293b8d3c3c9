/** Notices about visits: that one was booked, moved, confirmed or called off; ids and an instant, nothing of why. */
import type { Caller, NoticeKind } from '@afar/access';
import type { Queryable } from '@afar/platform';
import type { House } from '../house.ts';
import type { VisitRow } from '../visit-row.ts';

type Told = Pick<VisitRow, 'tenant' | 'rid' | 'clinician' | 'starts'>;

async function tellAccount(
  house: House,
  sql: Queryable,
  { tenant, rid, starts }: Pick<Told, 'tenant' | 'rid' | 'starts'>,
  account: string,
  kind: NoticeKind,
): Promise<void> {
  const about = { visit: rid, at: starts };
  await house.access.notices.tell({ tenant, to: { account }, kind, about }, sql);
}

/** In the transaction that caused it. */
export async function tellClinician(
  house: House,
  sql: Queryable,
  visit: Told,
  kind: NoticeKind,
): Promise<void> {
  const user = { type: 'Practitioner', id: visit.clinician } as const;
  const found = await house.access.accounts.byFhirUser(visit.tenant, user);
  if (found) await tellAccount(house, sql, visit, found.id, kind);
}

/** The patient, and whoever booked for her. */
export async function tellPatient(
  house: House,
  sql: Queryable,
  visit: Told & Pick<VisitRow, 'patient' | 'booked_by'>,
  kind: NoticeKind,
): Promise<void> {
  const user = { type: 'Patient', id: visit.patient } as const;
  const found = await house.access.accounts.byFhirUser(visit.tenant, user);
  const accounts = new Set([found?.id, visit.booked_by].filter((one) => typeof one === 'string'));
  for (const account of accounts) await tellAccount(house, sql, visit, account, kind);
}

/** Whoever did not do it herself. */
export async function tellOther(
  house: House,
  sql: Queryable,
  caller: Pick<Caller, 'role' | 'fhirUser'>,
  visit: Told & Pick<VisitRow, 'patient' | 'booked_by'>,
  kind: NoticeKind,
): Promise<void> {
  if (caller.role !== 'patient') await tellPatient(house, sql, visit, kind);
  if (caller.fhirUser?.id !== visit.clinician) await tellClinician(house, sql, visit, kind);
}

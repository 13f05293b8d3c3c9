/** Who hears that a message waits, and who may: by care relation, or by speaking for the patient. Nothing of what it says. */
import { systemCaller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import { accountsSpeakingFor } from '@afar/records';
import type { House } from './house.ts';
import { seenOf, type ThreadRow } from './store.ts';

/** More than care for anybody. */
const mostCarers = 40;

/** Accounts of those who hold the patient's chart by care, and can sign in. */
export async function carersOf(house: House, tenant: number, patient: string): Promise<string[]> {
  const caller = systemCaller(tenant, house.clock, 'messages');
  const holders = await house.records.holders(caller, patient);
  const now = house.clock.now();
  const principals = new Set(
    holders
      .filter(
        ({ class: of, purpose, starts }) => of === 'chart' && purpose === 'TREAT' && starts <= now,
      )
      .map((one) => one.principal),
  );
  const found = await Promise.all(
    [...principals]
      .slice(0, mostCarers)
      .map((id) => house.access.accounts.byFhirUser(tenant, { type: 'Practitioner', id })),
  );
  return [...new Set(found.flatMap((one) => (one ? [one.id] : [])))];
}

/** Whether this person may read the thread now, asked of the record store in her place. */
export async function mayRead(
  house: House,
  tenant: number,
  account: string,
  thread: string,
): Promise<boolean> {
  const who = { tenant, kind: 'user', id: account } as const;
  const caller = await house.access.standIn(who, 'messages', { whileClosed: true });
  if (!caller) return false;
  try {
    await house.records.read(caller, 'Communication', thread);
    return true;
  } catch (error) {
    if (error instanceof Refusal && [403, 404, 410].includes(error.status)) return false;
    throw error;
  }
}

/** Of these, who may read it. */
export async function readersAmong(
  house: House,
  { tenant, id }: Pick<ThreadRow, 'tenant' | 'id'>,
  accounts: readonly string[],
): Promise<string[]> {
  const may = await Promise.all(accounts.map((one) => mayRead(house, tenant, one, id)));
  return accounts.filter((_, at) => may[at]);
}

/**
 * Tells the other side of a new message; whoever had something unread here was told before. After the commit: a notice that
 * is lost leaves an unread thread.
 */
export async function tellOfMessage(
  house: House,
  row: ThreadRow,
  from: string,
  prior: number,
): Promise<void> {
  const { tenant, id, patient, assignee } = row;
  const toStaff = row.last_side === 'patient';
  const wanted = toStaff
    ? assignee !== null
      ? [assignee]
      : await carersOf(house, tenant, patient)
    : await accountsSpeakingFor(house, tenant, patient);
  const seen = await seenOf(house.db, tenant, id);
  const behind = (account: string): boolean => {
    const mark = seen.find((one) => one.account === account);
    return mark !== undefined && mark.upto < prior;
  };
  const fresh = wanted.filter((one) => one !== from && !(prior > 0 && behind(one)));
  for (const account of await readersAmong(house, row, fresh))
    await house.access.notices.tell({
      tenant,
      to: { account },
      kind: 'message',
      about: { thread: id },
    });
}

/** What staff do with a thread: take it, hand it over, mark it, close it, open it again. */
import { isUuid, type Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Team } from './contract.ts';
import type { House } from './house.ts';
import { staffNames } from './people.ts';
import { sendPoolAway } from './pool.ts';
import type { Seen } from './standing.ts';
import { findThread, type ThreadRow } from './store.ts';
import { carersOf, readersAmong } from './telling.ts';

/** Those who care for the patient and may read the thread now. */
export async function teamOf(house: House, caller: Caller, { row }: Seen): Promise<Team> {
  const carers = await carersOf(house, caller.tenant, row.patient);
  const able = await readersAmong(house, row, [...new Set([...carers, caller.id])]);
  const names = await staffNames(house, caller.tenant, able);
  return {
    members: able.flatMap((account) => {
      const name = names.get(account);
      return name === undefined ? [] : [{ account, name, you: account === caller.id }];
    }),
  };
}

async function change(
  house: House,
  { tenant, id }: ThreadRow,
  set: Partial<Pick<ThreadRow, 'assignee' | 'urgent' | 'state' | 'waits' | 'due' | 'escalated'>>,
): Promise<void> {
  await house.db.tx(async (tx) => {
    const before = await findThread(tx, tenant, id, true);
    if (!before) throw new Refusal('not-found');
    const row = { ...before, ...set };
    await tx.query(
      `update messaging.thread set assignee = $3, urgent = $4, state = $5, waits = $6, due = $7, escalated = $8
       where tenant = $1 and id = $2`,
      [tenant, id, row.assignee, row.urgent, row.state, row.waits, row.due, row.escalated],
    );
  });
}

/** @throws Refusal 'invalid' (422) for who does not care for the patient */
export async function assign(
  house: House,
  caller: Caller,
  seen: Seen,
  body: unknown,
): Promise<void> {
  const { to } = (body ?? {}) as { to?: unknown };
  if (to === null) return change(house, seen.row, { assignee: null });
  const { members } = await teamOf(house, caller, seen);
  const member = members.find((one) => one.account === to);
  if (typeof to !== 'string' || !isUuid(to) || !member)
    throw new Refusal('invalid', {
      status: 422,
      diagnostics: 'somebody with a care relation to the patient',
      expression: ['to'],
    });
  await change(house, seen.row, { assignee: to });
  if (to !== caller.id)
    await house.access.notices.tell({
      tenant: caller.tenant,
      to: { account: to },
      kind: 'message-assigned',
      about: { thread: seen.row.id },
    });
}

/** @throws Refusal 'invalid' (422) */
export async function markUrgent(house: House, { row }: Seen, body: unknown): Promise<void> {
  const { urgent } = (body ?? {}) as { urgent?: unknown };
  if (typeof urgent !== 'boolean')
    throw new Refusal('invalid', {
      status: 422,
      diagnostics: 'true or false',
      expression: ['urgent'],
    });
  await change(house, row, { urgent });
}

/** What was asked is answered or needs no answer: nothing is waited for. Who was let in to read for everybody leaves. */
export async function close(house: House, { row }: Seen): Promise<void> {
  await change(house, row, {
    state: 'closed',
    waits: null,
    due: null,
    escalated: null,
    urgent: false,
  });
  await sendPoolAway(house, row);
}

export const reopen = (house: House, { row }: Seen): Promise<void> =>
  change(house, row, { state: 'open' });

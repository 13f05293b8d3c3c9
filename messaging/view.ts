/** One thread: a page of its messages, read through the record store as this caller, and who has seen them. */
import type { Caller } from '@afar/access';
import { Refusal, type Communication } from '@afar/fhir';
import { filesOf, textOf } from './communication.ts';
import type { Message, Thread } from './contract.ts';
import { draftOf } from './drafts.ts';
import type { House } from './house.ts';
import { briefOf } from './list.ts';
import { namesOf, staffNames } from './people.ts';
import type { Seen } from './standing.ts';
import { markSeen, messagesOf, seenOf, type MessageRow } from './store.ts';

const atOnce = 50;

/** @throws Refusal 'invalid' */
export function readBefore(query: unknown): number | undefined {
  const { before } = (query ?? {}) as { before?: unknown };
  const number = before === undefined ? undefined : Number(before);
  if (number !== undefined && !Number.isSafeInteger(number))
    throw new Refusal('invalid', { diagnostics: 'before is the seq of a message' });
  return number;
}

async function written(
  house: House,
  caller: Caller,
  rows: readonly MessageRow[],
): Promise<Map<string, Communication>> {
  if (rows.length === 0) return new Map();
  const found = await house.records.search(caller, 'Communication', [
    ['_id', rows.map((row) => row.id).join(',')],
    ['_count', String(rows.length)],
  ]);
  return new Map(
    (found.entry ?? []).flatMap(({ resource }): [string, Communication][] =>
      resource?.resourceType === 'Communication' ? [[resource.id!, resource as Communication]] : [],
    ),
  );
}

export async function viewThread(
  house: House,
  caller: Caller,
  { row, root, side }: Seen,
  before: number | undefined,
): Promise<Thread> {
  const { tenant } = caller;
  const newest = await messagesOf(house.db, tenant, row.id, before, atOnce + 1);
  const rows = newest.slice(0, atOnce).toReversed();
  const [all, marks, draft, staff] = await Promise.all([
    written(house, caller, rows),
    seenOf(house.db, tenant, row.id),
    draftOf(house, caller, row.id),
    staffNames(house, tenant, row.assignee === null ? [] : [row.assignee]),
  ]);
  const names = await namesOf(house, caller, [
    `Patient/${row.patient}`,
    ...[...all.values()].map((one) => one.sender?.reference),
  ]);
  const upto = marks.find((one) => one.account === caller.id)?.upto ?? 0;
  const messages = rows.flatMap((one): Message[] => {
    const it = all.get(one.id);
    // A message that this caller is shut out of by name or label is not there.
    if (!it) return [];
    const read = marks
      .filter((mark) => mark.side !== one.side && mark.upto >= one.seq)
      .map((mark) => mark.at)
      .toSorted((a, b) => a - b)[0];
    return [
      {
        id: one.id,
        seq: one.seq,
        by: {
          name: names.get(it.sender?.reference ?? '') ?? '',
          side: one.side,
          you: one.account === caller.id,
        },
        at: new Date(one.at).toISOString(),
        text: textOf(it),
        urgent: it.priority === 'urgent',
        attachments: filesOf(it),
        ...(read !== undefined && { seen: new Date(read).toISOString() }),
      },
    ];
  });
  const unread = rows.filter((one) => one.side !== side && one.seq > upto).length;
  const first = rows[0];
  return {
    ...briefOf(house, caller, row, root, { patients: names, staff }, unread),
    messages,
    ...(newest.length > atOnce && first && { before: first.seq }),
    ...(draft !== '' && { draft }),
    mayAssign: side === 'staff',
  };
}

/** @throws Refusal 'invalid' (422) for what was not written yet */
export async function readUpto(
  house: House,
  caller: Caller,
  { row, side }: Seen,
  body: unknown,
): Promise<void> {
  const { seq } = (body ?? {}) as { seq?: unknown };
  if (!Number.isSafeInteger(seq) || Number(seq) < 1 || Number(seq) > row.last_seq)
    throw new Refusal('invalid', {
      status: 422,
      diagnostics: 'seq of a message',
      expression: ['seq'],
    });
  await markSeen(house.db, {
    tenant: caller.tenant,
    thread: row.id,
    account: caller.id,
    side,
    upto: Number(seq),
    at: house.clock.now(),
  });
}

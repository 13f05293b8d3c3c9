/** What she wants to be told of and how, and when not. */
import type { Db, Queryable } from '@afar/platform';
import type { Account } from '../accounts/vault.ts';
import type { Wanted } from '../contract-contacts.ts';
import { usualQuiet, type QuietHours } from './quiet.ts';
import { isWanted, usual } from './topics.ts';

export interface Choices {
  wanted: Wanted[];
  quiet?: QuietHours;
}

interface Row {
  wanted: string[];
  quiet_from: number | null;
  quiet_to: number | null;
}

/** Staff who are on call are woken unless they say otherwise. */
const unspoken = (account: Account): Choices => ({
  wanted: usual(account),
  ...(account.role === 'patient' && { quiet: usualQuiet }),
});

export async function choicesOf(on: Queryable, account: Account): Promise<Choices> {
  const { rows } = await on.query<Row>({
    name: 'access.contact-choice',
    text: 'select wanted, quiet_from, quiet_to from access.contact_choice where tenant = $1 and account = $2',
    values: [account.tenant, account.id],
  });
  const row = rows[0];
  if (!row) return unspoken(account);
  const { quiet_from: from, quiet_to: to } = row;
  return {
    wanted: row.wanted.filter(isWanted),
    ...(from !== null && to !== null && { quiet: { from, to } }),
  };
}

export async function choose(
  on: Queryable,
  { tenant, id }: Pick<Account, 'tenant' | 'id'>,
  { wanted, quiet }: Choices,
  now: number,
): Promise<void> {
  await on.query(
    `insert into access.contact_choice (tenant, account, wanted, quiet_from, quiet_to, updated)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (tenant, account) do update set wanted = excluded.wanted,
       quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to, updated = excluded.updated`,
    [tenant, id, [...new Set(wanted)].toSorted(), quiet?.from ?? null, quiet?.to ?? null, now],
  );
}

/** Takes one thing away and leaves the rest as it was, whatever she chooses at the same moment. */
export async function without(db: Db, account: Account, what: Wanted, now: number): Promise<void> {
  await db.tx(async (tx) => {
    const { wanted, quiet } = unspoken(account);
    await tx.query(
      `insert into access.contact_choice (tenant, account, wanted, quiet_from, quiet_to, updated)
       values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
      [account.tenant, account.id, wanted, quiet?.from ?? null, quiet?.to ?? null, now],
    );
    await tx.query(
      `update access.contact_choice set wanted = array_remove(wanted, $3), updated = $4
       where tenant = $1 and account = $2`,
      [account.tenant, account.id, what, now],
    );
  });
}

/** A password she chooses: what it must not be. */
import { Refusal } from '@afar/fhir';
import type { Accounts } from './accounts.ts';
import type { Account } from './vault.ts';

/** @throws Refusal `invalid` with what is wrong and where */
export function requireGoodPassword(
  accounts: Accounts,
  { personal }: Pick<Account, 'personal'>,
  password: string,
  expression: string,
): void {
  const { email, name } = personal;
  const fault = accounts.passwordFault(password, [
    email,
    email.split('@')[0]!,
    ...name.split(/\s+/),
  ]);
  if (fault) throw new Refusal('invalid', { diagnostics: fault, expression: [expression] });
}

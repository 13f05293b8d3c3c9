/** Her second factors, as she keeps them herself: authenticator app, passkeys, recovery codes. */
import { Refusal } from '@afar/fhir';
import type { Db, Queryable } from '@afar/platform';
import { staffRoles } from '../caller.ts';
import type { Factors as FactorView, NewTotp } from '../contract.ts';
import type { Notices } from '../notices/notices.ts';
import type { Passkey, PasskeyStore } from '../passkeys/store.ts';
import { newRecoveryCodes } from '../recovery/recovery-codes.ts';
import { newTotpSecret, totpCounter, totpUri } from '../totp.ts';
import type { Accounts } from './accounts.ts';
import { hasSecondFactor, type Account } from './vault.ts';

export interface Added {
  account: Account;
  /** They come with the first second factor. */
  recoveryCodes?: string[];
}

export interface Factors {
  list(account: Account): Promise<FactorView>;
  /** A secret that counts once `confirmTotp` has seen a code of it. */
  beginTotp(account: Account): Promise<NewTotp>;
  /** Undefined when the code is wrong. @throws Refusal `conflict` when nothing waits for a code */
  confirmTotp(account: Account, code: string): Promise<Added | undefined>;
  /** @throws Refusal `business-rule`: staff keep one */
  removeTotp(account: Account): Promise<void>;
  /** @throws Refusal `duplicate`, `business-rule` (too many) */
  addPasskey(
    account: Account,
    made: Pick<Passkey, 'credential' | 'key' | 'transports' | 'synced' | 'counter'>,
    name: string,
  ): Promise<Added>;
  renamePasskey(account: Account, id: string, name: string): Promise<boolean>;
  /** @throws Refusal `not-found`, `business-rule`: staff keep one */
  removePasskey(account: Account, id: string): Promise<void>;
  /** Ten new ones in place of those before. @throws Refusal `business-rule` without a second factor they could stand for */
  renewCodes(account: Account): Promise<string[]>;
  /** Somebody of the house takes all of them away, for her to begin anew. */
  removeAll(tenant: number, id: string, on?: Queryable): Promise<void>;
}

/** A family of devices; more would be a way to fill a table. */
const mostPasskeys = 20;
/** How long a secret waits for its first code, ms. */
const confirmMs = 15 * 60_000;

const lastOne = (): Refusal =>
  new Refusal('business-rule', { diagnostics: 'the last second factor stays: add another first' });

export function createFactors(deps: {
  db: Db;
  accounts: Accounts;
  passkeys: PasskeyStore;
  notices: Notices;
  clock: { now(): number };
}): Factors {
  const { db, accounts, passkeys, notices, clock } = deps;
  const isStaff = (account: Account): boolean => staffRoles.includes(account.role);

  const tell = ({ tenant, id }: Account, what: string, on: Queryable): Promise<void> =>
    notices.tell(
      { tenant, to: { account: id }, kind: 'second-factor-changed', about: { what } },
      on,
    );

  /** The first factor brings recovery codes with it. */
  const codesFor = (account: Account) =>
    hasSecondFactor(account) ? undefined : newRecoveryCodes(account.tenant, account.id);

  return {
    async list(account) {
      const rows = await passkeys.list(account.tenant, account.id);
      return {
        totp: account.totp,
        passkeys: rows.map(({ id, name, created, lastUsed, synced }) => ({
          id,
          name,
          created,
          ...(lastUsed !== undefined && { lastUsed }),
          synced,
        })),
        recoveryCodes: hasSecondFactor(account) ? (account.personal.recovery?.length ?? 0) : 0,
        required: isStaff(account),
      };
    },
    async beginTotp({ tenant, id, personal }) {
      const secret = newTotpSecret();
      const totpNext = { secret, at: clock.now() };
      await accounts.change(tenant, id, { personal: { totpNext } });
      return { secret, uri: totpUri(secret, personal.email) };
    },
    async confirmTotp({ tenant, id }, code) {
      const now = clock.now();
      const before = await accounts.get(tenant, id);
      const next = before?.personal.totpNext;
      if (!before || !next || now - next.at > confirmMs)
        throw new Refusal('conflict', { diagnostics: 'no authenticator app is being added' });
      const counter = totpCounter(next.secret, code.replaceAll(/\s/g, ''), now);
      if (!counter) return undefined;
      let codes: ReturnType<typeof codesFor>;
      const account = await db.tx(async (tx) => {
        const after = await accounts.change(
          tenant,
          id,
          (at) => {
            // Confirmed twice at once, or begun anew meanwhile: one of them holds.
            if (at.personal.totpNext?.secret !== next.secret) throw new Refusal('conflict');
            codes = codesFor(at);
            return {
              personal: {
                totp: next.secret,
                totpNext: undefined,
                ...(codes && { recovery: codes.hashes }),
              },
            };
          },
          tx,
        );
        // The code that confirmed it signs nobody in.
        await tx.query(
          `update access.account set totp_counter = greatest(totp_counter, $3)
           where tenant = $1 and id = $2`,
          [tenant, id, counter],
        );
        await tell(after, before.totp ? 'totp-replaced' : 'totp-added', tx);
        return after;
      });
      return { account, ...(codes && { recoveryCodes: codes.codes }) };
    },
    async removeTotp({ tenant, id }) {
      await db.tx(async (tx) => {
        const after = await accounts.change(
          tenant,
          id,
          (before) => {
            if (!before.totp) throw new Refusal('not-found');
            if (isStaff(before) && !before.personal.passkey) throw lastOne();
            return {
              personal: {
                totp: undefined,
                totpNext: undefined,
                ...(!before.personal.passkey && { recovery: undefined }),
              },
            };
          },
          tx,
        );
        await tell(after, 'totp-removed', tx);
      });
    },
    async addPasskey({ tenant, id }, made, name) {
      let codes: ReturnType<typeof codesFor>;
      const account = await db.tx(async (tx) => {
        // Flag first: it locks the account, so that passkeys of one account come and go one after another.
        const after = await accounts.change(
          tenant,
          id,
          (before) => {
            codes = codesFor(before);
            return { personal: { passkey: true, ...(codes && { recovery: codes.hashes }) } };
          },
          tx,
        );
        if ((await passkeys.list(tenant, id, tx)).length >= mostPasskeys)
          throw new Refusal('business-rule', { diagnostics: `${mostPasskeys} passkeys at most` });
        if (!(await passkeys.add({ ...made, tenant, account: id, name }, tx)))
          throw new Refusal('duplicate');
        await tell(after, 'passkey-added', tx);
        return after;
      });
      return { account, ...(codes && { recoveryCodes: codes.codes }) };
    },
    renamePasskey: ({ tenant, id }, passkey, name) => passkeys.rename(tenant, id, passkey, name),
    async removePasskey({ tenant, id }, passkey) {
      await db.tx(async (tx) => {
        await tx.query('select from access.account where tenant = $1 and id = $2 for update', [
          tenant,
          id,
        ]);
        if (!(await passkeys.remove(tenant, id, passkey, tx))) throw new Refusal('not-found');
        const left = (await passkeys.list(tenant, id, tx)).length;
        const after = await accounts.change(
          tenant,
          id,
          (before) => {
            if (left > 0) return {};
            if (isStaff(before) && !before.totp) throw lastOne();
            return {
              personal: { passkey: undefined, ...(!before.totp && { recovery: undefined }) },
            };
          },
          tx,
        );
        await tell(after, 'passkey-removed', tx);
      });
    },
    async renewCodes({ tenant, id }) {
      const { codes, hashes } = newRecoveryCodes(tenant, id);
      await db.tx(async (tx) => {
        const after = await accounts.change(
          tenant,
          id,
          (before) => {
            if (!hasSecondFactor(before))
              throw new Refusal('business-rule', {
                diagnostics: 'recovery codes stand for a second factor: add one first',
              });
            return { personal: { recovery: hashes } };
          },
          tx,
        );
        await tell(after, 'codes-renewed', tx);
      });
      return codes;
    },
    async removeAll(tenant, id, on = db) {
      await passkeys.removeAll(tenant, id, on);
      await accounts.change(
        tenant,
        id,
        {
          personal: {
            totp: undefined,
            totpNext: undefined,
            passkey: undefined,
            recovery: undefined,
          },
        },
        on,
      );
    },
  };
}

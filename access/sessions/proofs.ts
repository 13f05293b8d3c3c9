/** Second factors, shown: a code of an authenticator app, a passkey, or a recovery code. Every try is counted. */
import { Refusal } from '@afar/fhir';
import type { KeyRing } from '@afar/platform';
import type { FastifyRequest } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import { emailToken, type Account } from '../accounts/vault.ts';
import type { FactorProof, SecondFactor } from '../contract.ts';
import type { Notices } from '../notices/notices.ts';
import type { Purpose } from '../passkeys/challenges.ts';
import type { PasskeyCeremonies } from '../passkeys/passkeys.ts';
import { recoveryHash } from '../recovery/recovery-codes.ts';
import { totpCounter } from '../totp.ts';
import type { Cookies } from './cookies.ts';
import type { Devices } from './devices.ts';
import type { Attempt, Throttle } from './throttle.ts';

export interface Proofs {
  /**
   * Counts a try at an account, or at an address that has none.
   * @returns to be called when it was right
   * @throws Refusal `throttled`
   */
  attempt(
    req: FastifyRequest,
    what: Attempt['what'],
    of: Account | undefined,
    tenant: number,
    email: string,
  ): Promise<() => Promise<void>>;
  /** True when the proof is right; it is spent then. @throws Refusal `throttled` */
  holds(req: FastifyRequest, account: Account, proof: FactorProof, why: Purpose): Promise<boolean>;
}

/** What this account may be asked for beside its password. */
export function secondFactors({ totp, personal }: Account): SecondFactor[] {
  const factors: SecondFactor[] = [];
  if (personal.passkey) factors.push('passkey');
  if (totp) factors.push('totp');
  if (factors.length > 0 && personal.recovery?.length) factors.push('recovery');
  return factors;
}

export function createProofs(deps: {
  accounts: Accounts;
  ceremonies: PasskeyCeremonies;
  devices: Devices;
  notices: Notices;
  throttle: Throttle;
  cookies: Cookies;
  keys: KeyRing;
  clock: { now(): number };
}): Proofs {
  const { accounts, ceremonies, devices, notices, throttle, cookies, keys, clock } = deps;

  const attempt: Proofs['attempt'] = async (req, what, of, tenant, email) =>
    throttle.enter({
      tenant,
      what,
      ip: req.ip,
      account: emailToken(email, await keys.tenant(tenant)),
      device: of && (await devices.known(tenant, of.id, cookies.device(req))),
    });

  /** A code works once: the same one, shown again within its half minute, is refused. */
  async function code(account: Account, digits: string): Promise<boolean> {
    const { totp } = account.personal;
    const counter = totp && totpCounter(totp, digits.replaceAll(/\s/g, ''), clock.now());
    return counter ? accounts.spendCode(account.tenant, account.id, counter) : false;
  }

  async function recovery({ tenant, id }: Account, typed: string): Promise<boolean> {
    const hash = recoveryHash(tenant, id, typed);
    try {
      const { personal } = await accounts.change(tenant, id, (before) => {
        const kept = before.personal.recovery ?? [];
        if (!kept.includes(hash)) throw new Refusal('bad-credentials');
        return { personal: { recovery: kept.filter((one) => one !== hash) } };
      });
      const left = personal.recovery!.length;
      const about = { by: 'code', left };
      await notices.tell({ tenant, to: { account: id }, kind: 'recovery', about });
      return true;
    } catch (error) {
      if (error instanceof Refusal && error.code === 'bad-credentials') return false;
      throw error;
    }
  }

  return {
    attempt,
    async holds(req, account, proof, purpose) {
      const { tenant, id, personal } = account;
      if ('passkey' in proof) {
        const browser = cookies.ceremony(req);
        const device = await devices.known(tenant, id, cookies.device(req));
        const right = await throttle.enter({ tenant, what: 'passkey', ip: req.ip, device });
        const what = { tenant, purpose, browser: browser ?? '', account: id };
        if (!browser || !(await ceremonies.shown(what, proof.passkey))) return false;
        await right();
        return true;
      }
      const [what, holds] =
        'code' in proof
          ? (['code', () => code(account, proof.code)] as const)
          : (['recovery', () => recovery(account, proof.recovery)] as const);
      const right = await attempt(req, what, account, tenant, personal.email);
      if (!(await holds())) return false;
      await right();
      return true;
    },
  };
}

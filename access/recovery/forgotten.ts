/** A forgotten password: a code to an address of hers, then her second factor, then a new one. No step says who has an account. */
import { Refusal } from '@afar/fhir';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import { requireGoodPassword } from '../accounts/new-password.ts';
import { hasSecondFactor, type Account } from '../accounts/vault.ts';
import { staffRoles } from '../caller.ts';
import type { Codes } from '../codes/codes.ts';
import type {
  FactorProof,
  ForgottenCodeRequest,
  ForgottenRequest,
  ForgottenSent,
  ForgottenStep,
  Me,
} from '../contract.ts';
import type { Notices } from '../notices/notices.ts';
import type { Cookies } from '../sessions/cookies.ts';
import type { Devices } from '../sessions/devices.ts';
import type { Opening } from '../sessions/opening.ts';
import { secondFactors, type Proofs } from '../sessions/proofs.ts';
import type { Session, Sessions, Stage } from '../sessions/sessions.ts';

export interface Forgotten {
  /** The same answer and the same work for every address. @throws Refusal `throttled`, `not-implemented` (no gateway) */
  begin(req: FastifyRequest, tenant: number, asked: ForgottenRequest): Promise<ForgottenSent>;
  /** @throws Refusal `bad-credentials`, `throttled` */
  code(
    req: FastifyRequest,
    reply: FastifyReply,
    tenant: number,
    typed: ForgottenCodeRequest,
  ): Promise<ForgottenStep>;
  /** @throws Refusal `unauthenticated`, `bad-credentials`, `throttled` */
  secondFactor(
    req: FastifyRequest,
    reply: FastifyReply,
    proof: FactorProof,
  ): Promise<ForgottenStep>;
  /**
   * Whoever knew the old password is out, everywhere; she is in, here.
   * @throws Refusal `unauthenticated`, `invalid`
   */
  password(req: FastifyRequest, reply: FastifyReply, password: string): Promise<Me>;
}

const isStaff = (account: Account): boolean => staffRoles.includes(account.role);

/**
 * Staff without a second factor would be let in by their mailbox alone, to add one of whoever reads it: theirs is set anew by
 * the office.
 */
const mayRecover = (account: Account | undefined): account is Account =>
  account?.status === 'active' && (hasSecondFactor(account) || !isStaff(account));

/** Where a code goes; undefined when she never showed that she has such a number. */
function addressOf({ personal }: Account, by: ForgottenRequest['by']): string | undefined {
  if (by !== 'phone') return personal.email;
  return personal.verified?.phone ? personal.phone : undefined;
}

export function createForgotten(deps: {
  accounts: Accounts;
  codes: Codes;
  cookies: Cookies;
  devices: Devices;
  notices: Notices;
  opening: Opening;
  proofs: Proofs;
  sessions: Sessions;
}): Forgotten {
  const { accounts, codes, cookies, devices, notices, opening, proofs, sessions } = deps;

  async function target(req: FastifyRequest, tenant: number, { email, by }: ForgottenRequest) {
    const account = await accounts.byEmail(tenant, email);
    if (account) req.evidence.who = account.id;
    const hers = mayRecover(account) ? addressOf(account, by) : undefined;
    const channel = by === 'phone' || !email.includes('@') ? ('sms' as const) : ('mail' as const);
    return {
      account: hers === undefined ? undefined : account,
      address: hers ?? email,
      channel,
      purpose: 'recovery' as const,
      ip: req.ip,
    };
  }

  async function at(stage: Stage, req: FastifyRequest) {
    const cookie = cookies.session(req);
    const session = cookie && (await sessions.find(cookie));
    if (!cookie || !session || session.stage !== stage) throw new Refusal('unauthenticated');
    req.evidence.who = session.account.id;
    return { cookie, session } satisfies { cookie: string; session: Session };
  }

  return {
    async begin(req, tenant, asked) {
      const { account, ...to } = await target(req, tenant, asked);
      const known = account && (await devices.known(tenant, account.id, cookies.device(req)));
      const more = { counted: asked.email, knownBy: known?.toString('base64') };
      const locale =
        account?.personal.locale ?? req.headers['accept-language']?.slice(0, 2) ?? 'en';
      return codes.send(tenant, {
        ...to,
        ...more,
        locale,
        ...(!account && { instead: 'nothing' }),
      });
    },
    async code(req, reply, tenant, { ticket, code, ...asked }) {
      const { account, ...to } = await target(req, tenant, asked);
      const right = await codes.check(tenant, { ...to, ticket, code });
      if (!right || !account) throw new Refusal('bad-credentials');
      if (!hasSecondFactor(account)) {
        await opening.open(req, reply, account, 'reset', false);
        return { status: 'new-password' };
      }
      await opening.open(req, reply, account, 'recovery', false);
      return { status: 'second-factor', methods: secondFactors(account) };
    },
    async secondFactor(req, reply, proof) {
      const { cookie, session } = await at('recovery', req);
      if (!(await proofs.holds(req, session.account, proof, 'second-factor'))) {
        await sessions.failed(cookie);
        throw new Refusal('bad-credentials');
      }
      await opening.open(req, reply, session.account, 'reset', true);
      return { status: 'new-password' };
    },
    async password(req, reply, password) {
      const { cookie, session } = await at('reset', req);
      const { tenant, id } = session.account;
      requireGoodPassword(accounts, session.account, password, 'password');
      const account = await accounts.change(tenant, id, { password });
      await sessions.revokeAll(tenant, id, cookie);
      await devices.forgetAll(tenant, id);
      const about = { by: 'password' };
      await notices.tell({ tenant, to: { account: id }, kind: 'recovery', about });
      return opening.open(req, reply, account, 'full', session.mfa || !isStaff(account));
    },
  };
}

/** Signing in: password, then the second factor if the account has one. */
import { Refusal } from '@afar/fhir';
import type { KeyRing } from '@afar/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import { emailToken, type Account } from '../accounts/vault.ts';
import { deviceOf } from '../audit/evidence.ts';
import { staffRoles } from '../caller.ts';
import type { Me } from '../contract.ts';
import { verifyPassword } from '../passwords.ts';
import { totpCounter } from '../totp.ts';
import type { Cookies } from './cookies.ts';
import type { Devices } from './devices.ts';
import { lifetimes, type Session, type Sessions } from './sessions.ts';
import type { Throttle } from './throttle.ts';

export interface SignInDeps {
  accounts: Accounts;
  sessions: Sessions;
  devices: Devices;
  throttle: Throttle;
  cookies: Cookies;
  keys: KeyRing;
  clock: { now(): number };
  demo: boolean;
  pepper?: Buffer | undefined;
}

export interface SignIn {
  /** @throws Refusal `bad-credentials`, `throttled` */
  password(
    req: FastifyRequest,
    reply: FastifyReply,
    tenant: number,
    email: string,
    password: string,
  ): Promise<Me | 'second-factor'>;
  /** @throws Refusal `unauthenticated`, `bad-credentials`, `throttled` */
  code(req: FastifyRequest, reply: FastifyReply, code: string): Promise<Me>;
  /** Without any proof: for demo accounts on the machine itself. */
  as(req: FastifyRequest, reply: FastifyReply, account: Account): Promise<Me>;
  /**
   * Her own password, shown again by somebody who is signed in: a guess like any other, for an unattended desk is one.
   * @throws Refusal `bad-credentials`, `throttled`
   */
  confirm(req: FastifyRequest, account: Account, password: string): Promise<void>;
  me(session: Session): Me;
}

/** True when nothing more is asked of this account than was shown. */
const complete = (account: Account): boolean => !staffRoles.includes(account.role);

export function createSignIn(deps: SignInDeps): SignIn {
  const { accounts, sessions, devices, throttle, cookies, keys, clock, demo, pepper } = deps;

  function present(account: Account, mfa: boolean, expires: number, idleMs: number): Me {
    const { email, name, locale, zone } = account.personal;
    return {
      accountId: account.id,
      role: account.role,
      name,
      email,
      locale,
      ...(zone && { zone }),
      ...(account.fhirUser && { fhirUser: account.fhirUser }),
      demo,
      mfa,
      expiresAt: expires,
      idleMinutes: Math.round(idleMs / 60_000),
    };
  }

  /** A new session under a new name: the one before, if any, ends [session fixation]. */
  async function open(
    req: FastifyRequest,
    reply: FastifyReply,
    account: Account,
    stage: 'password' | 'full',
    mfa: boolean,
  ): Promise<Me> {
    const before = cookies.session(req);
    if (before) await sessions.end(before);
    const origin = { ip: req.ip, device: deviceOf(req) };
    cookies.setSession(reply, await sessions.begin(account, stage, mfa, origin));
    if (stage === 'full') {
      const device = await devices.remember(account.tenant, account.id, cookies.device(req));
      if (device) cookies.setDevice(reply, device);
      await accounts.signedIn(account.tenant, account.id);
      req.evidence.role = account.role;
    }
    const { idle, most } = lifetimes[account.role];
    return present(account, mfa, clock.now() + most, idle);
  }

  const enter = async (
    req: FastifyRequest,
    what: 'password' | 'code',
    of: Account | undefined,
    tenant: number,
    email: string,
  ) =>
    throttle.enter({
      tenant,
      what,
      ip: req.ip,
      account: emailToken(email, await keys.tenant(tenant)),
      device: of && (await devices.known(tenant, of.id, cookies.device(req))),
    });

  return {
    me: (session) => present(session.account, session.mfa, session.expires, session.idleMs),
    as: (req, reply, account) => {
      req.evidence.who = account.id;
      return open(req, reply, account, 'full', true);
    },
    async confirm(req, account, password) {
      const right = await enter(req, 'password', account, account.tenant, account.personal.email);
      if (!(await verifyPassword(password, account.personal.password, pepper)))
        throw new Refusal('bad-credentials', { status: 403 });
      await right();
    },
    async password(req, reply, tenant, email, password) {
      const account = await accounts.byEmail(tenant, email);
      if (account) req.evidence.who = account.id;
      const right = await enter(req, 'password', account, tenant, email);
      // The same work whether or not there is such an account, and whether or not it is active.
      const matches = await verifyPassword(password, account?.personal.password, pepper);
      if (!account || !matches || account.status !== 'active') throw new Refusal('bad-credentials');
      await right();
      if (account.totp) {
        await open(req, reply, account, 'password', false);
        return 'second-factor';
      }
      return open(req, reply, account, 'full', complete(account));
    },
    async code(req, reply, code) {
      const cookie = cookies.session(req);
      const session = cookie && (await sessions.find(cookie));
      if (!cookie || !session || session.stage !== 'password') throw new Refusal('unauthenticated');
      const { account } = session;
      req.evidence.who = account.id;
      const right = await enter(req, 'code', account, account.tenant, account.personal.email);
      const counter =
        account.personal.totp && totpCounter(account.personal.totp, code, clock.now());
      // A code works once: the same one, shown again within its half minute, is refused.
      if (!counter || !(await accounts.spendCode(account.tenant, account.id, counter))) {
        await sessions.failed(cookie);
        throw new Refusal('bad-credentials');
      }
      await right();
      return open(req, reply, account, 'full', true);
    },
  };
}

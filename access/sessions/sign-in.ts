/** Signing in: password and second factor, or a passkey alone; and showing again who one is. */
import { Refusal } from '@afar/fhir';
import type { AuthenticationResponseJSON } from '@simplewebauthn/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import { hasSecondFactor, type Account } from '../accounts/vault.ts';
import { staffRoles } from '../caller.ts';
import type { FactorProof, Me, SecondFactor, StepUpRequest } from '../contract.ts';
import type { PasskeyCeremonies } from '../passkeys/passkeys.ts';
import { verifyPassword } from '../passwords.ts';
import type { Cookies } from './cookies.ts';
import type { Devices } from './devices.ts';
import type { Opening } from './opening.ts';
import { secondFactors, type Proofs } from './proofs.ts';
import type { Session, Sessions } from './sessions.ts';
import type { Throttle } from './throttle.ts';

export interface SignInDeps {
  accounts: Accounts;
  sessions: Sessions;
  devices: Devices;
  throttle: Throttle;
  cookies: Cookies;
  proofs: Proofs;
  opening: Opening;
  ceremonies: PasskeyCeremonies;
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
  ): Promise<Me | { methods: SecondFactor[] }>;
  /** After the password. @throws Refusal `unauthenticated`, `bad-credentials`, `throttled` */
  secondFactor(req: FastifyRequest, reply: FastifyReply, proof: FactorProof): Promise<Me>;
  /**
   * A passkey and nothing else: what it says is who she is, and that its user was verified.
   * @throws Refusal `bad-credentials`, `throttled`
   */
  passkey(
    req: FastifyRequest,
    reply: FastifyReply,
    tenant: number,
    passkey: AuthenticationResponseJSON,
  ): Promise<Me>;
  /** Without any proof: for demo accounts on the machine itself. */
  as(req: FastifyRequest, reply: FastifyReply, account: Account): Promise<Me>;
  /**
   * Her own password, shown again by somebody who is signed in: a guess like any other, for an unattended desk is one.
   * @throws Refusal `bad-credentials`, `throttled`
   */
  confirm(req: FastifyRequest, account: Account, password: string): Promise<void>;
  /**
   * Everything that is asked of the account, again: afterwards the session is fresh.
   * @throws Refusal `bad-credentials` (403), `throttled`
   */
  stepUp(
    req: FastifyRequest,
    session: Session,
    cookie: string,
    proof: StepUpRequest,
  ): Promise<void>;
}

/** True when nothing more is asked of this account than was shown. */
const complete = (account: Account): boolean => !staffRoles.includes(account.role);

export function createSignIn(deps: SignInDeps): SignIn {
  const { accounts, sessions, devices, throttle, cookies, proofs, opening, ceremonies, pepper } =
    deps;
  const { open } = opening;

  const confirm: SignIn['confirm'] = async (req, account, password) => {
    const { tenant, personal } = account;
    const right = await proofs.attempt(req, 'password', account, tenant, personal.email);
    if (!(await verifyPassword(password, personal.password, pepper)))
      throw new Refusal('bad-credentials', { status: 403 });
    await right();
  };

  return {
    confirm,
    as: (req, reply, account) => {
      req.evidence.who = account.id;
      return open(req, reply, account, 'full', true);
    },
    async password(req, reply, tenant, email, password) {
      const account = await accounts.byEmail(tenant, email);
      if (account) req.evidence.who = account.id;
      const right = await proofs.attempt(req, 'password', account, tenant, email);
      // The same work whether or not there is such an account, and whether or not it is active.
      const matches = await verifyPassword(password, account?.personal.password, pepper);
      if (!account || !matches || account.status !== 'active') throw new Refusal('bad-credentials');
      await right();
      if (hasSecondFactor(account)) {
        await open(req, reply, account, 'password', false);
        return { methods: secondFactors(account) };
      }
      return open(req, reply, account, 'full', complete(account));
    },
    async secondFactor(req, reply, proof) {
      const cookie = cookies.session(req);
      const session = cookie && (await sessions.find(cookie));
      if (!cookie || !session || session.stage !== 'password') throw new Refusal('unauthenticated');
      const { account } = session;
      req.evidence.who = account.id;
      if (!(await proofs.holds(req, account, proof, 'second-factor'))) {
        await sessions.failed(cookie);
        throw new Refusal('bad-credentials');
      }
      return open(req, reply, account, 'full', true);
    },
    async passkey(req, reply, tenant, response) {
      const browser = cookies.ceremony(req);
      if (!browser) throw new Refusal('bad-credentials');
      const known = await ceremonies.owner(tenant, response);
      const device =
        known === undefined ? undefined : await devices.known(tenant, known, cookies.device(req));
      const right = await throttle.enter({ tenant, what: 'passkey', ip: req.ip, device });
      const what = { tenant, purpose: 'sign-in', browser } as const;
      const shown = await ceremonies.shown(what, response);
      const account = shown && (await accounts.get(tenant, shown.account));
      if (account) req.evidence.who = account.id;
      if (account?.status !== 'active') throw new Refusal('bad-credentials');
      await right();
      return open(req, reply, account, 'full', true);
    },
    async stepUp(req, { account, stage }, cookie, proof) {
      if (stage !== 'full') throw new Refusal('unauthenticated');
      // A password is less than what the account asks for, where it asks for more.
      if ('password' in proof) {
        if (hasSecondFactor(account)) throw new Refusal('bad-credentials', { status: 403 });
        await confirm(req, account, proof.password).catch(async (error: unknown) => {
          if (error instanceof Refusal && error.code === 'bad-credentials')
            await sessions.failed(cookie);
          throw error;
        });
      } else if (!(await proofs.holds(req, account, proof, 'step-up'))) {
        await sessions.failed(cookie);
        throw new Refusal('bad-credentials', { status: 403 });
      }
      await sessions.prove(cookie);
    },
  };
}

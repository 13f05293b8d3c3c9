/** A session begins: a new name, the browser remembered, and word to her when it is a browser she never used. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { liveProxies } from '../accounts/proxies.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { Account } from '../accounts/vault.ts';
import { deviceOf } from '../audit/evidence.ts';
import type { Me } from '../contract.ts';
import type { Notices } from '../notices/notices.ts';
import type { Cookies } from './cookies.ts';
import type { Devices } from './devices.ts';
import { secondFactors } from './proofs.ts';
import { lifetimes, type Session, type Sessions, type Stage } from './sessions.ts';

export interface Opening {
  /** A new session under a new name: the one before, if any, ends [session fixation]. */
  open(
    req: FastifyRequest,
    reply: FastifyReply,
    account: Account,
    stage: Stage,
    mfa: boolean,
  ): Promise<Me>;
  me(session: Session): Me;
}

export function createOpening(deps: {
  accounts: Accounts;
  sessions: Sessions;
  devices: Devices;
  notices: Notices;
  cookies: Cookies;
  clock: { now(): number };
  demo: boolean;
}): Opening {
  const { accounts, sessions, devices, notices, cookies, clock, demo } = deps;

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
      ...(account.personal.proxies && {
        proxies: liveProxies(account, clock.now()).map(({ related, patient }) => ({
          related,
          patient,
        })),
      }),
      demo,
      mfa,
      factors: secondFactors(account),
      expiresAt: expires,
      idleMinutes: Math.round(idleMs / 60_000),
    };
  }

  /** The browser's hash; she hears of one she never signed in from, but for the very first. */
  async function remember(req: FastifyRequest, reply: FastifyReply, account: Account) {
    const { tenant, id } = account;
    const place = { ip: req.ip, browser: deviceOf(req) };
    const { hash, cookie, fresh } = await devices.remember(tenant, id, cookies.device(req), place);
    if (cookie) cookies.setDevice(reply, cookie);
    if (fresh && account.lastSignIn !== undefined)
      await notices.tell({
        tenant,
        to: { account: id },
        kind: 'device-new',
        about: { browser: place.browser ?? '', ip: place.ip },
      });
    return hash;
  }

  return {
    me: (session) => present(session.account, session.mfa, session.expires, session.idleMs),
    async open(req, reply, account, stage, mfa) {
      const before = cookies.session(req);
      if (before) await sessions.end(before);
      const browser = stage === 'full' ? await remember(req, reply, account) : undefined;
      const origin = { ip: req.ip, device: deviceOf(req), browser };
      cookies.setSession(reply, await sessions.begin(account, stage, mfa, origin));
      if (stage === 'full') {
        await accounts.signedIn(account.tenant, account.id);
        req.evidence.role = account.role;
      }
      const { idle, most } = lifetimes[account.role];
      return present(account, mfa, clock.now() + most, idle);
    },
  };
}

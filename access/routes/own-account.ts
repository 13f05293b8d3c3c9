/** /auth/me: her own language, time zone and password. */
import { Refusal } from '@afar/fhir';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import { requireGoodPassword } from '../accounts/new-password.ts';
import { hasSecondFactor } from '../accounts/vault.ts';
import { callerOfSession } from '../authenticate.ts';
import type { Me, UpdateMeRequest } from '../contract.ts';
import { isStrong } from '../may.ts';
import type { Notices } from '../notices/notices.ts';
import type { Devices } from '../sessions/devices.ts';
import type { Opening } from '../sessions/opening.ts';
import type { Session, Sessions } from '../sessions/sessions.ts';
import type { SignIn } from '../sessions/sign-in.ts';
import { body, text } from './bodies.ts';
import { requireOwnProof, type FindOwn } from './own-session.ts';

export interface OwnAccountDeps {
  accounts: Accounts;
  sessions: Sessions;
  devices: Devices;
  notices: Notices;
  opening: Opening;
  signIn: SignIn;
  own: FindOwn;
  clock: { now(): number };
}

const knownZone = (zone: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
};

const knownLocale = (locale: string): boolean => {
  try {
    return Intl.getCanonicalLocales(locale).length === 1;
  } catch {
    return false;
  }
};

const change = body(
  {
    locale: text(35, 2),
    zone: text(64, 1),
    password: {
      type: 'object',
      properties: { current: text(256), next: text(256) },
      required: ['current', 'next'],
      additionalProperties: false,
    },
  },
  [],
);

export function ownAccountRoutes(http: FastifyInstance, deps: OwnAccountDeps): void {
  const { accounts, sessions, devices, notices, opening, signIn, own, clock } = deps;

  async function changePassword(
    req: FastifyRequest,
    session: Session,
    cookie: string,
    { current, next }: { current: string; next: string },
  ): Promise<void> {
    const { account, mfa } = session;
    const { tenant, id } = account;
    if (!isStrong({ role: account.role, mfa }))
      throw new Refusal('second-factor-required', { status: 403 });
    // Her password alone does not change it where it alone does not let her in.
    if (hasSecondFactor(account)) requireOwnProof(session, clock.now());
    await signIn.confirm(req, account, current);
    requireGoodPassword(accounts, account, next, 'password.next');
    await accounts.change(tenant, id, { password: next });
    // Whoever knew the old password is out, here and in every browser they were remembered from.
    await sessions.revokeAll(tenant, id, cookie);
    await devices.forgetAll(tenant, id);
    await notices.tell({ tenant, to: { account: id }, kind: 'password-changed' });
  }

  http.patch<{ Body: UpdateMeRequest; Reply: Me }>('/auth/me', change, async (req) => {
    req.evidence.action = 'change-me';
    const { session, cookie } = await own(req);
    const { account } = session;
    const { locale, zone, password } = req.body;
    if (locale !== undefined && !knownLocale(locale))
      throw new Refusal('invalid', { diagnostics: 'unknown locale', expression: ['locale'] });
    if (zone !== undefined && !knownZone(zone))
      throw new Refusal('invalid', { diagnostics: 'unknown time zone', expression: ['zone'] });
    if (password) await changePassword(req, session, cookie, password);
    const personal = { ...(locale && { locale }), ...(zone && { zone }) };
    if (locale || zone) await accounts.change(account.tenant, account.id, { personal });
    const after = await sessions.find(cookie);
    if (!after) throw new Refusal('unauthenticated');
    req.caller = callerOfSession(after, req, clock.now());
    return opening.me(after);
  });
}

/** /auth/factors, /auth/totp, /auth/passkeys, /auth/recovery-codes: her second factors, kept by herself. */
import { Refusal } from '@afar/fhir';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import type { Added, Factors } from '../accounts/factors.ts';
import { hasSecondFactor } from '../accounts/vault.ts';
import type {
  Factors as FactorView,
  NewFactor,
  NewPasskeyRequest,
  NewTotp,
  PasskeyCreation,
  RecoveryCodes,
} from '../contract.ts';
import { isUuid } from '../ids.ts';
import type { PasskeyCeremonies } from '../passkeys/passkeys.ts';
import type { Cookies } from '../sessions/cookies.ts';
import type { Opening } from '../sessions/opening.ts';
import type { Proofs } from '../sessions/proofs.ts';
import type { Session, Sessions } from '../sessions/sessions.ts';
import { ceremonyOf } from './auth.ts';
import { attestation, body, text } from './bodies.ts';
import { requireOwnProof, type FindOwn, type OwnSession } from './own-session.ts';

export interface FactorRoutesDeps {
  accounts: Accounts;
  factors: Factors;
  ceremonies: PasskeyCeremonies;
  cookies: Cookies;
  sessions: Sessions;
  opening: Opening;
  proofs: Proofs;
  own: FindOwn;
  clock: { now(): number };
}

interface ById {
  Params: { id: string };
}

const passkeyName = text(60);

export function factorRoutes(http: FastifyInstance, deps: FactorRoutesDeps): void {
  const { factors, ceremonies, cookies, sessions, opening, proofs, own, clock } = deps;

  /** A session that has shown everything a moment ago. */
  async function proven(
    req: FastifyRequest,
    action: string,
    verb: 'C' | 'U' | 'D',
  ): Promise<OwnSession> {
    Object.assign(req.evidence, { action, verb });
    const found = await own(req);
    requireOwnProof(found.session, clock.now());
    return found;
  }

  const oneOf = (req: { params: { id: string } }): string => {
    if (!isUuid(req.params.id)) throw new Refusal('not-found');
    return req.params.id;
  };

  /** She has just shown the new factor: her session goes on with it, under a new name. */
  async function settle(
    req: FastifyRequest,
    reply: FastifyReply,
    { session, cookie }: OwnSession,
    { account, recoveryCodes }: Added,
  ): Promise<NewFactor> {
    // Who came in before there was a second factor shows it now.
    if (!hasSecondFactor(session.account))
      await sessions.revokeAll(account.tenant, account.id, cookie);
    const me = await opening.open(req, reply, account, 'full', true);
    void reply.code(201).header('cache-control', 'no-store');
    return { me, ...(recoveryCodes && { recoveryCodes }) };
  }

  const others = ({ account }: Session, cookie: string): Promise<void> =>
    sessions.revokeAll(account.tenant, account.id, cookie);

  http.get<{ Reply: FactorView }>('/auth/factors', async (req, reply) => {
    req.evidence.action = 'factors';
    const { session } = await own(req);
    void reply.header('cache-control', 'no-store');
    return factors.list(session.account);
  });

  http.post<{ Reply: NewTotp }>('/auth/totp', async (req, reply) => {
    const { session } = await proven(req, 'begin-totp', 'C');
    void reply.header('cache-control', 'no-store');
    return factors.beginTotp(session.account);
  });

  http.post<{ Body: { code: string }; Reply: NewFactor }>(
    '/auth/totp/confirm',
    body({ code: text(16) }),
    async (req, reply) => {
      const found = await proven(req, 'confirm-totp', 'C');
      const { account } = found.session;
      const { tenant, personal } = account;
      const right = await proofs.attempt(req, 'code', account, tenant, personal.email);
      const added = await factors.confirmTotp(account, req.body.code);
      if (!added) throw new Refusal('bad-credentials', { status: 403 });
      await right();
      // Whoever holds the app before this one is out.
      if (account.totp) await others(found.session, found.cookie);
      return settle(req, reply, found, added);
    },
  );

  http.delete('/auth/totp', async (req, reply) => {
    const { session, cookie } = await proven(req, 'remove-totp', 'D');
    await factors.removeTotp(session.account);
    await others(session, cookie);
    return reply.code(204).send();
  });

  http.post<{ Reply: PasskeyCreation }>('/auth/passkeys/options', async (req, reply) => {
    const { session } = await proven(req, 'begin-passkey', 'C');
    void reply.header('cache-control', 'no-store');
    return ceremonies.creationOptions(session.account, ceremonyOf(cookies, req, reply));
  });

  http.post<{ Body: NewPasskeyRequest; Reply: NewFactor }>(
    '/auth/passkeys',
    body({ name: passkeyName, passkey: attestation }),
    async (req, reply) => {
      const found = await proven(req, 'add-passkey', 'C');
      const { account } = found.session;
      const { name, passkey } = req.body;
      const made = await ceremonies.made(account, cookies.ceremony(req) ?? '', passkey);
      return settle(req, reply, found, await factors.addPasskey(account, made, name.trim()));
    },
  );

  http.patch<ById & { Body: { name: string } }>(
    '/auth/passkeys/:id',
    body({ name: passkeyName }),
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'rename-passkey', verb: 'U' });
      const { session } = await own(req);
      if (!(await factors.renamePasskey(session.account, oneOf(req), req.body.name.trim())))
        throw new Refusal('not-found');
      return reply.code(204).send();
    },
  );

  http.delete<ById>('/auth/passkeys/:id', async (req, reply) => {
    const { session, cookie } = await proven(req, 'remove-passkey', 'D');
    await factors.removePasskey(session.account, oneOf(req));
    await others(session, cookie);
    return reply.code(204).send();
  });

  http.post<{ Reply: RecoveryCodes }>('/auth/recovery-codes', async (req, reply) => {
    const { session } = await proven(req, 'renew-recovery-codes', 'C');
    void reply.code(201).header('cache-control', 'no-store');
    return { recoveryCodes: await factors.renewCodes(session.account) };
  });
}

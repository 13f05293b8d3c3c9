/** /api/register: for strangers. Every address is answered alike, every source may ask only so much. */
import { isLocal, normalEmail } from '@afar/access';
import { Refusal } from '@afar/fhir';
import { isMailAddress, isPhoneNumber, sourceOf } from '@afar/platform';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { termsVersion, type Reached } from './charts.ts';
import type {
  CodeAnswer,
  CodeRequest,
  InvitationAnswer,
  InvitationKey,
  RegisterAnswer,
  RegisterChannel,
  RegisterRequest,
  Registration,
  VerifyAnswer,
  VerifyRequest,
} from './contract.ts';
import type { House } from './house.ts';
import { greet, invitedPatient } from './invitations.ts';
import { keepProof } from './proof.ts';
import { knownLocale, readRegistration, register } from './register.ts';

const text = (maxLength: number, minLength = 1) => ({ type: 'string', minLength, maxLength });
const object = (properties: Record<string, object>, required = Object.keys(properties)) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

const channel = { type: 'string', enum: ['mail', 'sms'] };
const invitation = object({ token: text(64), code: text(16) });
const address = { channel, address: text(254, 3), locale: text(35, 2) };
const person = { type: 'object', maxProperties: 8 };
const schemas = {
  code: object({ ...address, invitation }, ['channel', 'address', 'locale']),
  verify: object({ ...address, ticket: text(64), code: text(16) }),
  register: object(
    {
      proof: text(64),
      password: text(256),
      terms: text(32),
      locale: text(35, 2),
      zone: text(64),
      person,
      dependants: { type: 'array', maxItems: 16, items: person },
      invitation,
    },
    ['proof', 'password', 'terms', 'locale'],
  ),
};

const hour = 3_600_000;
// A clinic's waiting room registers behind one address; a machine that makes charts does not get far.
const perSource = { most: 40, windowMs: hour };
const guesses = { most: 60, windowMs: hour };

/** @throws Refusal `invalid` */
function reachedOf({
  channel: by,
  address: given,
  locale,
}: Pick<CodeRequest, 'channel' | 'address' | 'locale'>): Reached {
  const normal = normalEmail(given);
  const right = by === 'mail' ? isMailAddress(normal) : isPhoneNumber(normal);
  if (!right)
    throw new Refusal('invalid', {
      diagnostics:
        by === 'mail' ? 'an e-mail address' : 'a number with its country code, as +34600100200',
      expression: ['address'],
    });
  if (!knownLocale(locale))
    throw new Refusal('invalid', { diagnostics: 'a language tag', expression: ['locale'] });
  return { channel: by, address: normal };
}

export function registerRoutes(http: FastifyInstance, house: House): void {
  const { access, clock, db, keys, mode, majority, tenantOf } = house;
  const { codes, allowances } = access;
  const channels = (): RegisterChannel[] =>
    mode === 'closed' ? [] : (['mail', 'sms'] as const).filter((one) => codes.reaches(one));
  const wrong = (at: string, why: string) =>
    new Refusal('invalid', { diagnostics: why, expression: [at] });

  /** @throws Refusal `forbidden` while nobody may register, `invalid` without a valid invitation where one is asked for */
  async function requireWelcome(
    tenant: number,
    req: FastifyRequest,
    key: InvitationKey | undefined,
  ) {
    if (mode === 'closed')
      throw new Refusal('forbidden', { diagnostics: 'registration is closed' });
    if (key) {
      await allowances.take(tenant, { of: ['invitation-try', sourceOf(req.ip)], ...guesses });
      await invitedPatient(house, tenant, key);
    } else if (mode === 'invite')
      throw wrong('invitation', 'an invitation of the clinic is needed');
  }

  http.get<{ Reply: Registration }>('/register', (req) => {
    req.evidence.action = 'registration';
    return Promise.resolve({ mode, channels: channels(), terms: termsVersion, majority });
  });

  http.post<{ Body: CodeRequest; Reply: CodeAnswer }>(
    '/register/code',
    { schema: { body: schemas.code } },
    async (req) => {
      Object.assign(req.evidence, { action: 'register-code', verb: 'E' });
      const tenant = tenantOf(req.host);
      await requireWelcome(tenant, req, req.body.invitation);
      const reached = reachedOf(req.body);
      // Whoever has an account is told so where only she reads it; here every address is answered alike.
      const taken = await access.accounts.byEmail(tenant, reached.address);
      return codes.send(tenant, {
        purpose: 'register',
        ...reached,
        ip: req.ip,
        locale: req.body.locale,
        // Strangers have no link and code of hers.
        ...(req.body.invitation && { knownBy: req.body.invitation.token }),
        ...(taken && { instead: 'has-account' }),
      });
    },
  );

  http.post<{ Body: VerifyRequest; Reply: VerifyAnswer }>(
    '/register/verify',
    { schema: { body: schemas.verify } },
    async (req) => {
      Object.assign(req.evidence, { action: 'register-verify', verb: 'E' });
      const tenant = tenantOf(req.host);
      const { ticket, code } = req.body;
      const reached = reachedOf(req.body);
      const tried = { purpose: 'register', ...reached, ip: req.ip, ticket, code } as const;
      if (!(await codes.check(tenant, tried)))
        throw wrong('code', 'this code is not right, or no longer good');
      return { proof: await keepProof(db, keys, tenant, reached, clock.now()) };
    },
  );

  http.post<{ Body: RegisterRequest; Reply: RegisterAnswer }>(
    '/register',
    { schema: { body: schemas.register } },
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'register', verb: 'C', type: 'Patient' });
      const tenant = tenantOf(req.host);
      if (mode === 'closed') await requireWelcome(tenant, req, undefined);
      if (mode === 'invite' && !req.body.invitation) await requireWelcome(tenant, req, undefined);
      const asked = readRegistration(house, req.body);
      await allowances.take(tenant, { of: ['register-source', sourceOf(req.ip)], ...perSource });
      const { account, patients } = await register(house, tenant, asked);
      req.evidence.patients = patients;
      const me = await access.enter(req, reply, tenant, account);
      void reply.code(201).header('cache-control', 'no-store');
      return { me };
    },
  );

  http.post<{ Body: InvitationKey; Reply: InvitationAnswer }>(
    '/register/invitation',
    { schema: { body: invitation } },
    async (req) => {
      Object.assign(req.evidence, { action: 'register-invitation', verb: 'R', type: 'Patient' });
      const tenant = tenantOf(req.host);
      if (mode === 'closed') await requireWelcome(tenant, req, undefined);
      await allowances.take(tenant, { of: ['invitation-try', sourceOf(req.ip)], ...guesses });
      const { given, patient } = await greet(house, tenant, req.body);
      req.evidence.patients = [patient];
      return { given };
    },
  );

  // The demo's messages, on the machine itself: elsewhere the address does not exist.
  http.get('/demo/outbox', async (req, reply) => {
    req.evidence.action = 'demo';
    if (!house.outbox || !isLocal(req)) throw new Refusal('not-found');
    void reply.header('cache-control', 'no-store');
    const messages = await house.outbox.read();
    return { messages: messages.slice(-50).reverse() };
  });
}

/** /api/office/users: administrators keep the clinic's accounts; no clinical content passes here. */
import { Refusal } from '@afar/fhir';
import type { FastifyInstance } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import type { Account } from '../accounts/vault.ts';
import { roles, staffRoles, type FhirUser } from '../caller.ts';
import type {
  CreateUserRequest,
  NewUserSecrets,
  OfficeUser,
  OfficeUserPage,
  SignInRole,
  UpdateUserRequest,
} from '../contract.ts';
import { isUuid } from '../ids.ts';
import { requireRole } from '../may.ts';
import { randomPassword } from '../passwords.ts';
import type { Devices } from '../sessions/devices.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { newTotpSecret, totpUri } from '../totp.ts';

interface Deps {
  accounts: Accounts;
  sessions: Sessions;
  devices: Devices;
}

const signInRoles = roles.filter((role) => role !== 'system' && role !== 'guest');
const email = { type: 'string', maxLength: 254, pattern: '^[^\\s@]+@[^\\s@]+$' };
const role = { type: 'string', enum: signInRoles };

const createSchema = {
  body: {
    type: 'object',
    properties: {
      role,
      email,
      name: { type: 'string', minLength: 1, maxLength: 200 },
      locale: { type: 'string', minLength: 2, maxLength: 35 },
      zone: { type: 'string', minLength: 1, maxLength: 64 },
      fhirUser: {
        type: 'object',
        properties: {
          type: { type: 'string', enum: ['Practitioner', 'Patient', 'RelatedPerson'] },
          id: { type: 'string', format: 'uuid' },
        },
        required: ['type', 'id'],
        additionalProperties: false,
      },
    },
    required: ['role', 'email', 'name'],
    additionalProperties: false,
  },
};

const patchSchema = {
  body: {
    type: 'object',
    properties: { status: { type: 'string', enum: ['active', 'disabled'] }, role },
    additionalProperties: false,
    minProperties: 1,
  },
};

const pageSchema = {
  querystring: {
    type: 'object',
    properties: {
      cursor: { type: 'string', format: 'uuid' },
      limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
    },
    additionalProperties: false,
  },
};

const isStaff = (one: SignInRole): boolean => staffRoles.includes(one);

function shown(account: Account): OfficeUser {
  const { name, email: address, locale, zone } = account.personal;
  return {
    id: account.id,
    role: account.role,
    status: account.status,
    name,
    email: address,
    locale,
    ...(zone && { zone }),
    ...(account.fhirUser && { fhirUser: account.fhirUser }),
    secondFactor: account.totp,
    created: account.created,
    ...(account.lastSignIn !== undefined && { lastSignIn: account.lastSignIn }),
  };
}

/** A record of one's own fits the role, or there is none. */
function requireFit(of: SignInRole, fhirUser: FhirUser | undefined): void {
  const fits: Record<SignInRole, string[]> = {
    administrator: [],
    auditor: [],
    practitioner: ['Practitioner'],
    trainee: ['Practitioner'],
    nurse: ['Practitioner'],
    resident: ['Practitioner'],
    pharmacist: ['Practitioner'],
    paramedic: ['Practitioner'],
    patient: ['Patient', 'RelatedPerson'],
  };
  if (fhirUser && !fits[of].includes(fhirUser.type))
    throw new Refusal('invalid', {
      diagnostics: 'this role has no such record',
      expression: ['fhirUser'],
    });
}

export function officeRoutes(http: FastifyInstance, { accounts, sessions, devices }: Deps): void {
  const secrets = (
    account: Account,
    password: string,
    totp: string | undefined,
  ): NewUserSecrets => ({
    user: shown(account),
    password,
    ...(totp && { totpSecret: totp, totpUri: totpUri(totp, account.personal.email) }),
  });

  http.get<{ Querystring: { cursor?: string; limit: number }; Reply: OfficeUserPage }>(
    '/api/office/users',
    { schema: pageSchema },
    async (req) => {
      req.evidence.action = 'list-users';
      const { tenant } = requireRole(req, 'administrator');
      const { cursor, limit } = req.query;
      const found = await accounts.list(tenant, cursor, limit + 1);
      const users = found.slice(0, limit).map(shown);
      return { users, ...(found.length > limit && { next: users.at(-1)!.id }) };
    },
  );

  http.post<{ Body: CreateUserRequest; Reply: NewUserSecrets }>(
    '/api/office/users',
    { schema: createSchema },
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'create-user', verb: 'C' });
      const { tenant } = requireRole(req, 'administrator');
      requireFit(req.body.role, req.body.fhirUser);
      const password = randomPassword();
      const totpSecret = isStaff(req.body.role) ? newTotpSecret() : undefined;
      const made = await accounts.create({ ...req.body, tenant, password, totpSecret });
      if (!made.created) throw new Refusal('duplicate');
      req.evidence.rid = made.id;
      const account = (await accounts.get(tenant, made.id))!;
      void reply.code(201).header('cache-control', 'no-store');
      return secrets(account, password, totpSecret);
    },
  );

  http.patch<{ Params: { id: string }; Body: UpdateUserRequest; Reply: OfficeUser }>(
    '/api/office/users/:id',
    { schema: patchSchema },
    async (req) => {
      req.evidence.action = 'change-user';
      const caller = requireRole(req, 'administrator');
      const { id } = req.params;
      if (!isUuid(id)) throw new Refusal('not-found');
      req.evidence.rid = id;
      // The last administrator must not lock the office by a slip of the hand.
      if (id === caller.id) throw new Refusal('forbidden', { diagnostics: 'not your own account' });
      const before = await accounts.get(caller.tenant, id);
      if (!before) throw new Refusal('not-found');
      const { status, role: next } = req.body;
      if (next && isStaff(next) !== isStaff(before.role))
        throw new Refusal('business-rule', {
          diagnostics: 'patients and staff have separate accounts',
        });
      if (next) requireFit(next, before.fhirUser);
      const after = await accounts.change(caller.tenant, id, {
        ...(status && { status }),
        ...(next && { role: next }),
      });
      // Another role has other lifetimes and another reach: it begins with a new sign-in.
      if (status === 'disabled' || next) await sessions.revokeAll(caller.tenant, id);
      return shown(after);
    },
  );

  http.post<{ Params: { id: string }; Reply: NewUserSecrets }>(
    '/api/office/users/:id/reset',
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'reset-user', verb: 'U' });
      const { tenant, id: self } = requireRole(req, 'administrator');
      const { id } = req.params;
      if (!isUuid(id)) throw new Refusal('not-found');
      req.evidence.rid = id;
      if (id === self) throw new Refusal('forbidden', { diagnostics: 'not your own account' });
      const before = await accounts.get(tenant, id);
      if (!before) throw new Refusal('not-found');
      const password = randomPassword();
      const totp = isStaff(before.role) ? newTotpSecret() : undefined;
      const personal = totp ? { totp } : {};
      const account = await accounts.change(tenant, id, { password, personal });
      await sessions.revokeAll(tenant, id);
      await devices.forgetAll(tenant, id);
      void reply.header('cache-control', 'no-store');
      return secrets(account, password, totp);
    },
  );
}

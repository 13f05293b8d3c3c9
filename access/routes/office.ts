/**
 * /api/office/users: administrators keep the clinic's accounts; no clinical content passes here. What takes access away one
 * of them does, what gives any takes two.
 */
import { Refusal } from '@afar/fhir';
import type { FastifyInstance } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import { hasSecondFactor, type Account } from '../accounts/vault.ts';
import type { ChangeUser, CreateUser, ResetUser } from '../approvals/user-kinds.ts';
import type { Approvals } from '../approvals/approvals.ts';
import { roles, staffRoles, type Caller, type FhirUser } from '../caller.ts';
import type {
  AskedUser,
  CreateUserRequest,
  NewUserSecrets,
  OfficeUser,
  OfficeUserPage,
  SignInRole,
  UpdateUserRequest,
} from '../contract.ts';
import { isUuid } from '../ids.ts';
import { requireFresh, requireRole } from '../may.ts';
import { randomPassword } from '../passwords.ts';
import type { Profiles } from '../profiles.ts';
import type { Sessions } from '../sessions/sessions.ts';
import { askSecond } from './approvals.ts';

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
      supervisor: { type: 'string', format: 'uuid' },
      profile: { type: 'string', maxLength: 64 },
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
    properties: {
      status: { type: 'string', enum: ['active', 'disabled'] },
      role,
      supervisor: { type: 'string', format: 'uuid' },
      profile: { type: 'string', maxLength: 64 },
    },
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
  const { name, email: address, locale, zone, supervisor, profile } = account.personal;
  return {
    id: account.id,
    role: account.role,
    status: account.status,
    name,
    email: address,
    locale,
    ...(zone && { zone }),
    ...(account.fhirUser && { fhirUser: account.fhirUser }),
    ...(supervisor && { supervisor }),
    ...(profile && { profile }),
    secondFactor: hasSecondFactor(account),
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

/** Whose work waits for another's signature names who that is. */
const supervised: readonly SignInRole[] = ['trainee', 'resident'];

function requireSupervisor(of: SignInRole, supervisor: string | undefined): void {
  if (supervisor && !supervised.includes(of))
    throw new Refusal('invalid', {
      diagnostics: 'only what trainees and residents write is signed by another',
      expression: ['supervisor'],
    });
}

/** An account that reaches a chart, an office or the trail; one of a patient without a record reaches nothing. */
const reaches = (of: SignInRole, fhirUser: FhirUser | undefined): boolean =>
  isStaff(of) || fhirUser !== undefined;

interface Deps {
  accounts: Accounts;
  sessions: Sessions;
  approvals: Approvals;
  profiles: Profiles;
  clock: { now(): number };
}

export function officeRoutes(http: FastifyInstance, deps: Deps): void {
  const { accounts, sessions, profiles } = deps;

  async function asked(
    caller: Caller,
    kind: string,
    body: CreateUser | ChangeUser | ResetUser,
    password?: string,
  ): Promise<AskedUser> {
    return { ...(await askSecond(deps, caller, kind, body)), ...(password && { password }) };
  }

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

  http.post<{ Body: CreateUserRequest; Reply: NewUserSecrets | AskedUser }>(
    '/api/office/users',
    { schema: createSchema },
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'create-user', verb: 'C' });
      const caller = requireRole(req, 'administrator');
      requireFresh(req);
      const { tenant } = caller;
      const { role: of, fhirUser, supervisor, profile } = req.body;
      requireFit(of, fhirUser);
      requireSupervisor(of, supervisor);
      profiles.requireFit(of, profile);
      if (await accounts.byEmail(tenant, req.body.email)) throw new Refusal('duplicate');
      const password = randomPassword();
      void reply.header('cache-control', 'no-store');
      if (reaches(of, fhirUser)) {
        const passwordHash = await accounts.hashOf(password);
        void reply.code(202);
        return asked(caller, 'create-user', { ...req.body, passwordHash }, password);
      }
      const { supervisor: _none, profile: _neither, ...who } = req.body;
      const made = await accounts.create({ ...who, tenant, password });
      if (!made.created) throw new Refusal('duplicate');
      req.evidence.rid = made.id;
      void reply.code(201);
      return { user: shown((await accounts.get(tenant, made.id))!), password };
    },
  );

  /** The account of an address, which is not the caller's own. */
  async function another(caller: Caller, id: string): Promise<Account> {
    if (!isUuid(id)) throw new Refusal('not-found');
    // The last administrator must not lock the office by a slip of the hand, nor raise herself.
    if (id === caller.id) throw new Refusal('forbidden', { diagnostics: 'not your own account' });
    const found = await accounts.get(caller.tenant, id);
    if (!found) throw new Refusal('not-found');
    return found;
  }

  http.patch<{ Params: { id: string }; Body: UpdateUserRequest; Reply: OfficeUser | AskedUser }>(
    '/api/office/users/:id',
    { schema: patchSchema },
    async (req, reply) => {
      req.evidence.action = 'change-user';
      const caller = requireRole(req, 'administrator');
      const { id } = req.params;
      const before = await another(caller, id);
      req.evidence.rid = id;
      const { status, role: next, supervisor, profile } = req.body;
      if (next && isStaff(next) !== isStaff(before.role))
        throw new Refusal('business-rule', {
          diagnostics: 'patients and staff have separate accounts',
        });
      const of = next ?? before.role;
      if (next) requireFit(next, before.fhirUser);
      requireSupervisor(of, supervisor);
      profiles.requireFit(of, profile || undefined);
      if (status === 'disabled') {
        if (next || supervisor || profile !== undefined)
          throw new Refusal('invalid', { diagnostics: 'disable, or change: one after the other' });
        const after = await accounts.change(caller.tenant, id, { status });
        await sessions.revokeAll(caller.tenant, id);
        return shown(after);
      }
      requireFresh(req);
      void reply.code(202);
      const { name } = before.personal;
      return asked(caller, 'change-user', {
        account: id,
        name,
        ...(status && { status }),
        ...(next && { role: next }),
        ...(supervisor && { supervisor }),
        ...(profile !== undefined && { profile }),
      });
    },
  );

  http.post<{ Params: { id: string }; Reply: AskedUser }>(
    '/api/office/users/:id/reset',
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'reset-user', verb: 'U' });
      const caller = requireRole(req, 'administrator');
      const { id } = req.params;
      const before = await another(caller, id);
      req.evidence.rid = id;
      requireFresh(req);
      const password = randomPassword();
      const passwordHash = await accounts.hashOf(password);
      void reply.code(202).header('cache-control', 'no-store');
      const { name } = before.personal;
      return asked(caller, 'reset-user', { account: id, name, passwordHash }, password);
    },
  );
}

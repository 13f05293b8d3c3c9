/** /api/office/identity-providers: administrators say where else staff may sign in. Secrets go in and never come out. */
import { Refusal } from '@afar/fhir';
import type { FastifyInstance } from 'fastify';
import type { Accounts } from '../accounts/accounts.ts';
import { staffRoles, type Caller } from '../caller.ts';
import type { Approvals } from '../approvals/approvals.ts';
import type {
  AskedSecond,
  ChangedIdentityProvider,
  IdentityProvider,
  IdentityProviderRequest,
  IdentityProviders,
  SignInRole,
} from '../contract.ts';
import { isUuid } from '../ids.ts';
import { requireFresh, requireRole } from '../may.ts';
import { askSecond } from '../routes/approvals.ts';
import type { ExternalProvider, ExternalProviders, ProviderDetails } from './providers.ts';
import { callbackOf } from './routes.ts';

interface Deps {
  providers: ExternalProviders;
  accounts: Accounts;
  approvals: Approvals;
  clock: { now(): number };
  baseUrlOf(tenant: number): string;
}

/** Staff, but never administrators. */
const openRoles = staffRoles.filter((role) => role !== 'administrator');

const texts = {
  type: 'array',
  maxItems: 20,
  items: { type: 'string', minLength: 1, maxLength: 200 },
};
const properties = {
  name: { type: 'string', minLength: 1, maxLength: 80 },
  issuer: { type: 'string', maxLength: 500, pattern: '^https?://[^\\s?#]+$' },
  clientId: { type: 'string', minLength: 1, maxLength: 300 },
  clientSecret: { type: 'string', minLength: 1, maxLength: 1_000 },
  roles: { type: 'array', minItems: 1, maxItems: 20, items: { type: 'string', enum: openRoles } },
  secondFactor: {
    type: 'object',
    properties: { acr: texts, amr: texts },
    required: ['acr', 'amr'],
    additionalProperties: false,
  },
  linkByEmail: { type: 'boolean' },
};

const createSchema = {
  body: {
    type: 'object',
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  },
};
const patchSchema = {
  body: {
    type: 'object',
    properties: { ...properties, status: { type: 'string', enum: ['active', 'disabled'] } },
    minProperties: 1,
    additionalProperties: false,
  },
};
const inviteSchema = {
  body: {
    type: 'object',
    properties: { account: { type: 'string', format: 'uuid' } },
    required: ['account'],
    additionalProperties: false,
  },
};

type Patch = Partial<IdentityProviderRequest> & { status?: 'active' | 'disabled' };
const typed = ({ roles, ...rest }: Patch) => ({
  ...rest,
  ...(roles && { roles: roles as SignInRole[] }),
});

export function identityProviderRoutes(http: FastifyInstance, deps: Deps): void {
  const { providers, accounts, baseUrlOf } = deps;

  const shown = (one: ExternalProvider): IdentityProvider => ({
    id: one.id,
    name: one.name,
    status: one.status,
    issuer: one.issuer,
    clientId: one.clientId,
    roles: one.roles,
    secondFactor: one.secondFactor,
    linkByEmail: one.linkByEmail,
    redirectUri: callbackOf(baseUrlOf(one.tenant), one.id),
  });

  const ask = (
    caller: Caller,
    id: string,
    details: ProviderDetails,
    status: 'active' | undefined,
  ): Promise<AskedSecond> =>
    askSecond(deps, caller, 'identity-provider', { id, details, ...(status && { status }) });

  http.get<{ Reply: IdentityProviders }>('/api/office/identity-providers', async (req) => {
    req.evidence.action = 'list-identity-providers';
    const { tenant } = requireRole(req, 'administrator');
    return { providers: (await providers.list(tenant)).map(shown) };
  });

  http.post<{ Body: IdentityProviderRequest; Reply: ChangedIdentityProvider }>(
    '/api/office/identity-providers',
    { schema: createSchema },
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'add-identity-provider', verb: 'C' });
      const caller = requireRole(req, 'administrator');
      requireFresh(req);
      const { roles, ...rest } = req.body;
      const details = { ...rest, roles: roles as SignInRole[] };
      const made = await providers.add(caller.tenant, details);
      req.evidence.rid = made.id;
      void reply.code(202);
      return { ...shown(made), asked: await ask(caller, made.id, details, 'active') };
    },
  );

  http.patch<{ Params: { id: string }; Body: Patch; Reply: ChangedIdentityProvider }>(
    '/api/office/identity-providers/:id',
    { schema: patchSchema },
    async (req, reply) => {
      req.evidence.action = 'change-identity-provider';
      const caller = requireRole(req, 'administrator');
      const { tenant } = caller;
      requireFresh(req);
      const { id } = req.params;
      const before = isUuid(id) ? await providers.get(tenant, id) : undefined;
      if (!before) throw new Refusal('not-found');
      req.evidence.rid = id;
      const { status, ...patch } = typed(req.body);
      if (status === 'disabled') {
        if (Object.keys(patch).length > 0)
          throw new Refusal('invalid', { diagnostics: 'disable, or change: one after the other' });
        return shown(await providers.change(tenant, id, { status }));
      }
      const { id: _id, tenant: _tenant, status: _status, ...details } = before;
      const asked = await ask(caller, id, { ...details, ...patch }, status);
      void reply.code(202);
      return { ...shown(before), asked };
    },
  );

  // A link for one person, handed over by a way the administrator trusts: whoever follows it connects her own sign-in there.
  http.post<{ Params: { id: string }; Body: { account: string }; Reply: AskedSecond }>(
    '/api/office/identity-providers/:id/invitations',
    { schema: inviteSchema },
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'invite-external', verb: 'C' });
      const caller = requireRole(req, 'administrator');
      const { tenant } = caller;
      requireFresh(req);
      const { id } = req.params;
      const provider = isUuid(id) ? await providers.active(tenant, id) : undefined;
      const account = await accounts.get(tenant, req.body.account);
      if (!provider || !account) throw new Refusal('not-found');
      if (account.role === 'administrator' || !provider.roles.includes(account.role))
        throw new Refusal('business-rule', { diagnostics: 'not for this role' });
      req.evidence.rid = account.id;
      const { name } = account.personal;
      const body = { provider: id, account: account.id, name, place: provider.name };
      void reply.code(202);
      return askSecond(deps, caller, 'invite-external', body);
    },
  );
}

/** /api/office/clients: administrators keep the API's clients. What a client may reach is changed with a fresh proof only. */
import { Refusal } from '@afar/fhir';
import type { FastifyInstance } from 'fastify';
import type { JWK } from 'jose';
import type { Accounts } from '../accounts/accounts.ts';
import type { Approvals } from '../approvals/approvals.ts';
import { isUuid, newSecret, sha256 } from '../ids.ts';
import { requireFresh, requireRole } from '../may.ts';
import { askSecond } from '../routes/approvals.ts';
import { enabling, takesTwo } from './client-kinds.ts';
import type { Client, Clients } from './clients.ts';
import type {
  ChangedClient,
  CreateClientRequest,
  NewClientSecret,
  OfficeClient,
  OfficeClients,
  RegistrationToken,
  UpdateClientRequest,
} from './contract.ts';
import type { Origins } from './cors.ts';
import { authMethods, clientKinds, type ClientDetails } from './details.ts';
import type { Registration } from './registration.ts';

interface Deps {
  accounts: Accounts;
  approvals: Approvals;
  clock: { now(): number };
  clients: Clients;
  origins: Origins;
  /** Absent: clients cannot register themselves. */
  registration: Registration | undefined;
}

const text = (maxLength: number, minLength = 0) =>
  ({ type: 'string', minLength, maxLength }) as const;

const properties = {
  name: text(120, 1),
  scope: text(4_000),
  redirectUris: { type: 'array', maxItems: 10, items: text(2_000, 1) },
  publisher: text(120),
  uri: text(2_000),
  launchUri: text(2_000),
  jwksUri: text(2_000),
  jwks: {
    type: 'object',
    properties: { keys: { type: 'array', maxItems: 10 } },
    required: ['keys'],
  },
} as const;

const createSchema = {
  body: {
    type: 'object',
    properties: {
      ...properties,
      kind: { type: 'string', enum: clientKinds },
      auth: { type: 'string', enum: authMethods },
    },
    required: ['name', 'kind', 'auth', 'scope'],
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

const optional = ['publisher', 'uri', 'launchUri', 'jwksUri'] as const;

/** Of what was sent, what is a detail; an empty text stands for nothing. */
function detailsOf(sent: Partial<CreateClientRequest>): Partial<ClientDetails> {
  const { name, redirectUris, jwks } = sent;
  return {
    ...(name !== undefined && { name: name.trim() }),
    ...(redirectUris && { redirectUris: redirectUris.map((one) => one.trim()) }),
    ...(jwks && { jwks: { keys: jwks.keys as unknown as JWK[] } }),
    ...Object.fromEntries(
      optional
        .filter((field) => sent[field] !== undefined)
        .map((field) => [field, sent[field]!.trim() || undefined]),
    ),
  };
}

function shown({ id, client_id: clientId, status, scope, details }: Client): OfficeClient {
  const { name, kind, auth, redirectUris, publisher, uri, launchUri, jwksUri, jwks } = details;
  return {
    id,
    clientId,
    name,
    kind,
    auth,
    status,
    scope,
    redirectUris,
    registered: details.registered === true,
    ...(publisher !== undefined && { publisher }),
    ...(uri !== undefined && { uri }),
    ...(launchUri !== undefined && { launchUri }),
    ...(jwksUri !== undefined && { jwksUri }),
    ...(jwks && { jwks: { keys: jwks.keys as Record<string, unknown>[] } }),
  };
}

export function clientRoutes(http: FastifyInstance, deps: Deps): void {
  const { clients, origins, registration } = deps;

  const requireId = (id: string): string => {
    if (!isUuid(id)) throw new Refusal('not-found');
    return id;
  };

  http.get<{ Reply: OfficeClients }>('/api/office/clients', async (req) => {
    req.evidence.action = 'list-clients';
    const { tenant } = requireRole(req, 'administrator');
    const all = await clients.list(tenant);
    return { clients: all.map(shown), registration: registration !== undefined };
  });

  http.post<{ Body: CreateClientRequest; Reply: NewClientSecret }>(
    '/api/office/clients',
    { schema: createSchema },
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'create-client', verb: 'C' });
      const caller = requireRole(req, 'administrator');
      const { tenant } = caller;
      requireFresh(req);
      const { kind, auth, scope, name } = req.body;
      const details = { name, redirectUris: [], ...detailsOf(req.body), kind, auth };
      const { client, secret } = await clients.register(tenant, details, {
        scope,
        status: kind === 'backend' ? 'pending' : 'active',
      });
      origins.forget();
      req.evidence.rid = client.id;
      void reply.code(201).header('cache-control', 'no-store');
      const answer = { client: shown(client), ...(secret !== undefined && { secret }) };
      if (!takesTwo(client)) return answer;
      void reply.code(202);
      const body = enabling(client, { status: 'active' });
      return { ...answer, asked: await askSecond(deps, caller, 'enable-client', body) };
    },
  );

  http.patch<{ Params: { id: string }; Body: UpdateClientRequest; Reply: ChangedClient }>(
    '/api/office/clients/:id',
    { schema: patchSchema },
    async (req, reply) => {
      req.evidence.action = 'change-client';
      const caller = requireRole(req, 'administrator');
      const { tenant } = caller;
      const id = requireId(req.params.id);
      req.evidence.rid = id;
      const { status, scope } = req.body;
      // To shut one out must be quick; to give one more is not undone by shutting it out later.
      const shuts = status === 'disabled' && Object.keys(req.body).length === 1;
      if (!shuts) requireFresh(req);
      const details = detailsOf(req.body);
      const patch = {
        ...(status && { status }),
        ...(scope !== undefined && { scope }),
        ...(Object.keys(details).length > 0 && { details }),
      };
      const planned = await clients.planned(tenant, id, patch);
      if (takesTwo(planned) && !shuts) {
        if (status === 'disabled')
          throw new Refusal('invalid', { diagnostics: 'disable, or change: one after the other' });
        const asked = await askSecond(deps, caller, 'enable-client', enabling(planned, patch));
        void reply.code(202);
        return { ...shown((await clients.get(tenant, id))!), asked };
      }
      const client = await clients.change(tenant, id, patch);
      origins.forget();
      return shown(client);
    },
  );

  http.post<{ Params: { id: string }; Reply: NewClientSecret }>(
    '/api/office/clients/:id/secret',
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'renew-client-secret', verb: 'U' });
      const caller = requireRole(req, 'administrator');
      const { tenant } = caller;
      requireFresh(req);
      const id = requireId(req.params.id);
      req.evidence.rid = id;
      void reply.header('cache-control', 'no-store');
      const there = await clients.planned(tenant, id, {});
      if (takesTwo(there)) {
        if (!there.details.auth.startsWith('client_secret'))
          throw new Refusal('business-rule', { diagnostics: 'this client has no secret' });
        const fresh = newSecret();
        const { name } = there.details;
        const body = { id, name, hash: sha256(fresh).toString('hex') };
        const asked = await askSecond(deps, caller, 'renew-client', body);
        void reply.code(202);
        return { client: shown(there), secret: fresh, asked };
      }
      const { client, secret } = await clients.renew(tenant, id);
      return { client: shown(client), secret };
    },
  );

  http.post<{ Reply: RegistrationToken }>(
    '/api/office/clients/registration-token',
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'invite-client', verb: 'C' });
      const { tenant } = requireRole(req, 'administrator');
      requireFresh(req);
      if (!registration) throw new Refusal('not-found');
      void reply.code(201).header('cache-control', 'no-store');
      return { token: await registration.put(tenant, {}) };
    },
  );
}

/** /api/office/clients: administrators keep the API's clients. What a client may reach is changed with a fresh proof only. */
import { Refusal } from '@afar/fhir';
import type { FastifyInstance } from 'fastify';
import type { JWK } from 'jose';
import { isUuid } from '../ids.ts';
import { requireFresh, requireRole } from '../may.ts';
import type { Client, Clients } from './clients.ts';
import type {
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
      const { tenant } = requireRole(req, 'administrator');
      requireFresh(req);
      const { kind, auth, scope, name } = req.body;
      const details = { name, redirectUris: [], ...detailsOf(req.body), kind, auth };
      const { client, secret } = await clients.register(tenant, details, {
        scope,
        status: 'active',
      });
      origins.forget();
      req.evidence.rid = client.id;
      void reply.code(201).header('cache-control', 'no-store');
      return { client: shown(client), ...(secret !== undefined && { secret }) };
    },
  );

  http.patch<{ Params: { id: string }; Body: UpdateClientRequest; Reply: OfficeClient }>(
    '/api/office/clients/:id',
    { schema: patchSchema },
    async (req) => {
      req.evidence.action = 'change-client';
      const { tenant } = requireRole(req, 'administrator');
      const id = requireId(req.params.id);
      req.evidence.rid = id;
      const { status, scope } = req.body;
      // To shut one out must be quick; to give one more is not undone by shutting it out later.
      if (status !== 'disabled' || Object.keys(req.body).length > 1) requireFresh(req);
      const details = detailsOf(req.body);
      const client = await clients.change(tenant, id, {
        ...(status && { status }),
        ...(scope !== undefined && { scope }),
        ...(Object.keys(details).length > 0 && { details }),
      });
      origins.forget();
      return shown(client);
    },
  );

  http.post<{ Params: { id: string }; Reply: NewClientSecret }>(
    '/api/office/clients/:id/secret',
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'renew-client-secret', verb: 'U' });
      const { tenant } = requireRole(req, 'administrator');
      requireFresh(req);
      const id = requireId(req.params.id);
      req.evidence.rid = id;
      const { client, secret } = await clients.renew(tenant, id);
      void reply.header('cache-control', 'no-store');
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

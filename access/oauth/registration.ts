/** Clients that register themselves [RFC 7591]: with a token an administrator gave, powerless until one gives them scopes. */
import { Refusal } from '@afar/fhir';
import type { FastifyInstance } from 'fastify';
import type { JWK } from 'jose';
import type { Clients } from './clients.ts';
import type { AuthMethod, ClientDetails } from './details.ts';
import { createOneTime, type OneTime } from './one-time.ts';

/** Initial access tokens: each good for one registration, for a day. */
export type Registration = OneTime<object>;

const inviteMs = 86_400_000;

export const createRegistration = (deps: Parameters<typeof createOneTime>[0]): Registration =>
  createOneTime<object>(deps, 'Initial', inviteMs);

/** What is understood of it; what else is sent is let be, and not kept [RFC 7591 2]. */
interface Sent {
  client_name: string;
  redirect_uris?: string[];
  grant_types?: string[];
  response_types?: string[];
  token_endpoint_auth_method?: AuthMethod;
  jwks?: { keys: JWK[] };
  jwks_uri?: string;
  client_uri?: string;
  initiate_login_uri?: string;
  scope?: string;
}

const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength }) as const;
const texts = (maxItems: number) => ({ type: 'array', maxItems, items: text(2_000) }) as const;

const schema = {
  body: {
    type: 'object',
    properties: {
      client_name: text(120),
      redirect_uris: texts(10),
      grant_types: texts(5),
      response_types: texts(5),
      token_endpoint_auth_method: {
        type: 'string',
        enum: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
      },
      jwks: { type: 'object' },
      jwks_uri: text(2_000),
      client_uri: text(2_000),
      initiate_login_uri: text(2_000),
      scope: { type: 'string', maxLength: 4_000 },
    },
    required: ['client_name'],
  },
};

function detailsOf(sent: Sent): ClientDetails {
  const { grant_types: types = ['authorization_code'] } = sent;
  const auth = sent.token_endpoint_auth_method ?? 'client_secret_basic';
  const backend = types.includes('client_credentials');
  const known = ['authorization_code', 'refresh_token', 'client_credentials'];
  if (types.some((one) => !known.includes(one)) || (backend && types.length > 1))
    throw new Refusal('invalid', { diagnostics: 'grant_types', expression: ['grant_types'] });
  return {
    name: sent.client_name,
    kind: backend ? 'backend' : auth === 'none' ? 'public' : 'confidential',
    auth,
    redirectUris: sent.redirect_uris ?? [],
    ...(sent.client_uri !== undefined && { uri: sent.client_uri }),
    ...(sent.initiate_login_uri !== undefined && { launchUri: sent.initiate_login_uri }),
    ...(sent.jwks && { jwks: sent.jwks }),
    ...(sent.jwks_uri !== undefined && { jwksUri: sent.jwks_uri }),
    registered: true,
  };
}

export function registrationRoutes(
  http: FastifyInstance,
  {
    clients,
    desk,
    tenantOf,
  }: { clients: Clients; desk: Registration; tenantOf(host: string): number },
): void {
  http.post<{ Body: Sent }>(
    '/oauth/register',
    { schema, bodyLimit: 64 * 1024 },
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'register-client', verb: 'C' });
      const tenant = tenantOf(req.host);
      const token = /^Bearer +([\w-]{20,100})$/i.exec(req.headers.authorization ?? '')?.[1];
      const details = detailsOf(req.body);
      if (!token || !(await desk.take(tenant, token))) throw new Refusal('unauthenticated');
      // It has no scope at all: nothing it can ask for is given, and no sign-in of it begins.
      const { client, secret } = await clients.register(tenant, details, {
        scope: '',
        status: 'pending',
      });
      req.evidence.rid = client.id;
      void reply.code(201).header('cache-control', 'no-store');
      return {
        client_id: client.client_id,
        ...(secret !== undefined && { client_secret: secret, client_secret_expires_at: 0 }),
        client_id_issued_at: Math.floor(Date.now() / 1_000),
        client_name: details.name,
        redirect_uris: details.redirectUris,
        token_endpoint_auth_method: details.auth,
        grant_types: details.kind === 'backend' ? ['client_credentials'] : ['authorization_code'],
        scope: '',
      };
    },
  );
}

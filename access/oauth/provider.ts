/** The authorization server of one clinic, by `oidc-provider`: client credentials with SMART system scopes. */
import type { Db, KeyRing, Log } from '@afar/platform';
import { errors, Provider, type Client, type KoaContext, type ProviderToken } from 'oidc-provider';
import { formatScope, grantScopes, parseScope, parseScopes } from '../scopes.ts';
import { oauthAdapter } from './adapter.ts';
import { secretMatches, type Clients } from './clients.ts';
import { signingKeys } from './signing-keys.ts';

/** An hour: the client asks again with its secret, and a disabled one is refused at once anyway. */
export const tokenSeconds = 3_600;

export interface ProviderDeps {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
  log: Log;
  clients: Clients;
  baseUrl: string;
}

/** Token requests name scopes that no list can hold: the SMART grammar decides, not `scopes`. */
async function grantedScope(
  clients: Clients,
  tenant: number,
  asked: string,
  clientId: string,
): Promise<string> {
  const client = await clients.find(tenant, clientId);
  const allowed = parseScopes(client?.scope ?? '');
  const granted = asked
    .split(' ')
    .filter(Boolean)
    .filter((text) => {
      const scope = parseScope(text);
      if (!scope || scope.context !== 'system') return false;
      // All of a scope or nothing of it: a client is not told `cruds` and held to `rs`.
      const [got] = grantScopes([scope], allowed);
      return got !== undefined && formatScope(got) === formatScope(scope);
    });
  if (granted.length === 0)
    throw new errors.InvalidScope('no scope that this client may have was asked for', undefined);
  return granted.join(' ');
}

const own = (_ctx: KoaContext, client: Client, token: ProviderToken): boolean =>
  token.clientId === client.clientId;

export async function createProvider(deps: ProviderDeps, tenant: number): Promise<Provider> {
  const { db, keys, clock, clients, baseUrl, log } = deps;
  const { jwks, cookies } = await signingKeys(deps, tenant);
  const fhir = `${baseUrl}/fhir/R4`;
  const provider = new Provider(baseUrl, {
    adapter: (kind: string) => oauthAdapter(kind, { db, keys, clock, clients, tenant }),
    jwks: { keys: jwks },
    cookies: { keys: cookies },
    clientDefaults: {
      grant_types: ['client_credentials'],
      response_types: [],
      id_token_signed_response_alg: 'ES256',
    },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
    scopes: [],
    responseTypes: ['code'],
    findAccount: () => Promise.resolve(undefined),
    formats: { bitsOfOpaqueRandomness: 256 },
    ttl: { ClientCredentials: tokenSeconds },
    routes: {
      token: '/token',
      introspection: '/introspection',
      revocation: '/revocation',
      jwks: '/jwks',
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      // Open to every client by default: a client may ask about its own tokens only.
      introspection: { enabled: true, allowedPolicy: own },
      revocation: { enabled: true, allowedPolicy: own },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => fhir,
        useGrantedResource: () => true,
        getResourceServerInfo: async (ctx: KoaContext, resource: string, client: Client) => {
          if (resource !== fhir) throw new errors.InvalidTarget();
          const asked = ctx.oidc?.params?.['scope'] ?? '';
          return {
            scope: await grantedScope(clients, tenant, asked, client.clientId),
            audience: fhir,
            accessTokenFormat: 'opaque',
            accessTokenTTL: tokenSeconds,
          };
        },
      },
    },
  });
  // What is stored of a secret is its hash, in hex.
  Object.defineProperty(provider.Client.prototype, 'compareClientSecret', {
    value(this: Client, actual: string): boolean {
      return secretMatches(actual, Buffer.from(this.clientSecret ?? '', 'hex'));
    },
  });
  provider.on('server_error', (_ctx, error) => log.error({ err: error }, 'authorization failed'));
  return provider;
}

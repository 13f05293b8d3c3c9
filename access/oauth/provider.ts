/** The authorization server of one clinic, by `oidc-provider`: SMART App Launch 2.2 for apps, backend services for programs. */
import type { Db, KeyRing, Log } from '@afar/platform';
import {
  errors,
  interactionPolicy,
  Provider,
  type Client,
  type KoaContext,
  type ProviderToken,
} from 'oidc-provider';
import type { Accounts } from '../accounts/accounts.ts';
import { staffRoles } from '../caller.ts';
import { formatScope, grantScopes, parseScope, parseScopes } from '../scopes.ts';
import { oauthAdapter } from './adapter.ts';
import type { AppGrants } from './app-grants.ts';
import { secretMatches, type Clients } from './clients.ts';
import { plainScopes } from './details.ts';
import { errorPage } from './error-page.ts';
import { fetchBy, type Outward } from './outward.ts';
import { signingKeys } from './signing-keys.ts';

/** An hour: each request asks whether it still stands, so a longer life would gain nothing and a shorter one nothing either. */
export const tokenSeconds = 3_600;
/** A code goes from one redirect straight to the token endpoint. */
const codeSeconds = 60;
/** Time to sign in with a second factor, read what is asked, and choose. */
export const interactionSeconds = 900;
/** An app that stays away longer asks anew. */
export const offlineDays = 90;

export interface ProviderDeps {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
  log: Log;
  clients: Clients;
  accounts: Accounts;
  appGrants: AppGrants;
  /** The guarded way out, for keys that a client publishes; absent: none are fetched. */
  outbound?: Outward;
  baseUrl: string;
}

export const fhirBase = (baseUrl: string): string => `${baseUrl}/fhir/R4`;

const wordsOf = (text: string | undefined): string[] => (text ?? '').split(' ').filter(Boolean);

/**
 * The resource scopes of a request that its client may have. No list can hold them: the SMART grammar decides, not `scopes`.
 * All of a scope or nothing of it: a client is not told `cruds` and held to `rs`.
 */
function allowedOf(asked: string, allowed: string, person: boolean): string[] {
  const outer = parseScopes(allowed);
  return wordsOf(asked).filter((text) => {
    const scope = parseScope(text);
    if (!scope || (scope.context !== 'system') !== person) return false;
    const [got] = grantScopes([scope], outer);
    return got !== undefined && formatScope(got) === formatScope(scope);
  });
}

const own = (_ctx: KoaContext, client: Client, token: ProviderToken): boolean =>
  token.clientId === client.clientId;

/** Nobody is let through without being asked here, each time: our own session says who it is, not the server's. */
function policy(): object[] {
  const { Prompt, Check } = interactionPolicy;
  const missing = (what: 'login' | 'consent') => (ctx: KoaContext) =>
    ctx.oidc?.result?.[what] === undefined;
  return [
    new Prompt(
      { name: 'login', requestable: true },
      new Check('no_session', 'sign-in is required', missing('login')),
    ),
    new Prompt(
      { name: 'consent', requestable: true },
      new Check('not_asked', 'consent is required', missing('consent')),
    ),
  ];
}

/** Past this a signed assertion is not a fresh one [SMART App Launch 2.2, backend services: at most five minutes], s. */
const mostAssertion = 300 + 30;

export async function createProvider(deps: ProviderDeps, tenant: number): Promise<Provider> {
  const { clients, accounts, appGrants, baseUrl, log, outbound } = deps;
  const { jwks, cookies } = await signingKeys(deps, tenant);
  const fhir = fhirBase(baseUrl);

  async function resourceScope(ctx: KoaContext, client: Client): Promise<string> {
    const { params, route, entities } = ctx.oidc!;
    const grantType = route === 'token' ? params?.['grant_type'] : undefined;
    const person = grantType !== 'client_credentials';
    const source = entities.AuthorizationCode ?? entities.RefreshToken;
    const asked = person && source ? source.scope : params?.['scope'];
    const found = await clients.find(tenant, client.clientId);
    const granted = allowedOf(asked ?? '', found?.scope ?? '', person);
    if (granted.length === 0 && !person)
      throw new errors.InvalidScope('no scope that this client may have was asked for');
    return granted.join(' ');
  }

  /** Asked at every exchange of a code or refresh token: what she gave must still stand. */
  async function findAccount(_ctx: KoaContext, id: string, token?: ProviderToken) {
    const account = await accounts.get(tenant, id);
    if (account?.status !== 'active') return undefined;
    if (token?.grantId && !(await appGrants.live(tenant, token.grantId))) return undefined;
    const { fhirUser, personal } = account;
    return {
      accountId: id,
      claims: () => ({
        sub: id,
        name: personal.name,
        locale: personal.locale,
        email: personal.email,
        email_verified: personal.verified?.email !== undefined,
        ...(fhirUser && { fhirUser: `${fhir}/${fhirUser.type}/${fhirUser.id}` }),
      }),
    };
  }

  const provider = new Provider(baseUrl, {
    adapter: (kind: string) => oauthAdapter(kind, { ...deps, tenant }),
    jwks: { keys: jwks },
    cookies: {
      keys: cookies,
      names: { session: '_afar_oauth', interaction: '_afar_ask', resume: '_afar_resume' },
      long: { httpOnly: true, sameSite: 'lax', overwrite: true },
      short: { httpOnly: true, sameSite: 'lax', overwrite: true },
    },
    clientDefaults: {
      grant_types: ['client_credentials'],
      response_types: [],
      id_token_signed_response_alg: 'ES256',
    },
    enabledJWA: { clientAuthSigningAlgValues: ['RS384', 'ES384'] },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'private_key_jwt', 'none'],
    assertJwtClientAuthClaimsAndHeader: (_ctx: KoaContext, claims: { exp: number }) => {
      if (claims.exp > Date.now() / 1000 + mostAssertion)
        throw new errors.InvalidClientAuth('an assertion is good for five minutes at most');
    },
    fetch: fetchBy(outbound),
    scopes: [...plainScopes],
    claims: {
      openid: ['sub', 'acr', 'amr', 'auth_time'],
      fhirUser: ['fhirUser'],
      profile: ['name', 'locale', 'fhirUser'],
      email: ['email', 'email_verified'],
    },
    conformIdTokenClaims: false,
    responseTypes: ['code'],
    responseModes: ['query', 'form_post'],
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    extraParams: {
      // [SMART App Launch 2.2: aud] A token for us is not asked of us in the name of another server.
      aud(_ctx: KoaContext, value: string | undefined) {
        if (value !== undefined && value.replace(/\/$/, '') !== fhir)
          throw new errors.InvalidRequest('aud is not this FHIR server');
      },
      launch(_ctx: KoaContext, value: string | undefined) {
        if (value !== undefined && !/^[\w-]{20,100}$/.test(value))
          throw new errors.InvalidRequest('launch is not one that was made here');
      },
    },
    interactions: {
      policy: policy(),
      url(ctx: KoaContext, { uid }: { uid: string }) {
        // Whoever answers must be the browser that asked: a link to this page is worth nothing elsewhere.
        ctx.cookies.set('afar_ask', uid, {
          path: `/api/authorize/${uid}`,
          httpOnly: true,
          sameSite: 'strict',
          overwrite: true,
          signed: false,
          secure: baseUrl.startsWith('https:'),
          maxAge: interactionSeconds * 1_000,
        });
        return `/authorize/${uid}`;
      },
    },
    loadExistingGrant: (ctx: KoaContext) => {
      const given = ctx.oidc?.result?.consent?.grantId;
      return given ? provider.Grant.find(given) : undefined;
    },
    findAccount,
    issueRefreshToken: (_ctx: KoaContext, client: Client, source: ProviderToken) =>
      client.grantTypeAllowed('refresh_token') &&
      (source.scopes.has('offline_access') || source.scopes.has('online_access')),
    rotateRefreshToken: true,
    // Which session a token ends with is in `app_grant`, and asked at each request.
    expiresWithSession: () => false,
    acrValues: [],
    formats: { bitsOfOpaqueRandomness: 256 },
    ttl: {
      AccessToken: tokenSeconds,
      AuthorizationCode: codeSeconds,
      ClientCredentials: tokenSeconds,
      Grant: offlineDays * 86_400,
      IdToken: tokenSeconds,
      Interaction: interactionSeconds,
      RefreshToken: offlineDays * 86_400,
      Session: 60,
    },
    renderError: errorPage,
    routes: {
      authorization: '/authorize',
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
          return {
            scope: await resourceScope(ctx, client),
            audience: fhir,
            accessTokenFormat: 'opaque',
            accessTokenTTL: tokenSeconds,
          };
        },
      },
    },
  });
  // The address of a request is the one that mount.ts says it is.
  provider.proxy = true;
  // What is stored of a secret is its hash, in hex.
  Object.defineProperty(provider.Client.prototype, 'compareClientSecret', {
    value(this: Client, actual: string): boolean {
      return secretMatches(actual, Buffer.from(this.clientSecret ?? '', 'hex'));
    },
  });
  provider.on('server_error', (_ctx, error) => log.error({ err: error }, 'authorization failed'));
  return provider;
}

/** What the sign-in was worth [OpenID Connect Core 2, acr and amr; RFC 8176]. */
export function strengthOf(role: string, mfa: boolean): { acr: string; amr: string[] } {
  const two = mfa && (staffRoles as readonly string[]).includes(role);
  return { acr: two ? 'urn:afar:acr:two-factor' : 'urn:afar:acr:sign-in', amr: two ? ['mfa'] : [] };
}

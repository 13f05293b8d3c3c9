/** What the authorization server can do, said truthfully: only what works. */
import type { FastifyInstance } from 'fastify';

const authMethods = ['client_secret_basic', 'client_secret_post'];
const scopes = ['system/*.cruds', 'system/*.rs', 'system/*.read', 'system/*.write'];

/** [RFC 8414 2], served where OpenID clients look as well. There is no authorization endpoint yet, and none is named. */
export function serverMetadata(baseUrl: string): object {
  return {
    issuer: baseUrl,
    token_endpoint: `${baseUrl}/oauth/token`,
    introspection_endpoint: `${baseUrl}/oauth/introspection`,
    revocation_endpoint: `${baseUrl}/oauth/revocation`,
    jwks_uri: `${baseUrl}/oauth/jwks`,
    grant_types_supported: ['client_credentials'],
    response_types_supported: [],
    token_endpoint_auth_methods_supported: authMethods,
    introspection_endpoint_auth_methods_supported: authMethods,
    revocation_endpoint_auth_methods_supported: authMethods,
    scopes_supported: scopes,
  };
}

/** [SMART App Launch 2.2, "Using .well-known"] */
export function smartConfiguration(baseUrl: string): object {
  return {
    token_endpoint: `${baseUrl}/oauth/token`,
    introspection_endpoint: `${baseUrl}/oauth/introspection`,
    revocation_endpoint: `${baseUrl}/oauth/revocation`,
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: authMethods,
    scopes_supported: scopes,
    // Required by the specification even where no launch is offered.
    code_challenge_methods_supported: ['S256'],
    capabilities: ['client-confidential-symmetric', 'permission-v1', 'permission-v2'],
  };
}

export function discoveryRoutes(http: FastifyInstance, baseUrl: string): void {
  const documents: Record<string, object> = {
    '/fhir/R4/.well-known/smart-configuration': smartConfiguration(baseUrl),
    '/.well-known/openid-configuration': serverMetadata(baseUrl),
    '/.well-known/oauth-authorization-server': serverMetadata(baseUrl),
  };
  for (const [url, document] of Object.entries(documents))
    http.get(url, (req, reply) => {
      req.evidence.action = 'discover';
      return reply
        .header('access-control-allow-origin', '*')
        .header('cache-control', 'public, max-age=300')
        .send(document);
    });
}

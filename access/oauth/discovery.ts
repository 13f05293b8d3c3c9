/** What the authorization server can do, said truthfully: only what works. */
import type { FastifyInstance } from 'fastify';

const authMethods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];
const signedBy = ['RS384', 'ES384'];
const grantTypes = ['authorization_code', 'refresh_token', 'client_credentials'];
const scopes = [
  'openid',
  'fhirUser',
  'profile',
  'email',
  'launch',
  'launch/patient',
  'offline_access',
  'online_access',
  'patient/*.cruds',
  'patient/*.rs',
  'patient/*.read',
  'patient/*.write',
  'user/*.cruds',
  'user/*.rs',
  'user/*.read',
  'user/*.write',
  'system/*.cruds',
  'system/*.rs',
  'system/*.read',
  'system/*.write',
];

const common = (baseUrl: string, registration: boolean) => ({
  issuer: baseUrl,
  authorization_endpoint: `${baseUrl}/oauth/authorize`,
  token_endpoint: `${baseUrl}/oauth/token`,
  introspection_endpoint: `${baseUrl}/oauth/introspection`,
  revocation_endpoint: `${baseUrl}/oauth/revocation`,
  jwks_uri: `${baseUrl}/oauth/jwks`,
  ...(registration && { registration_endpoint: `${baseUrl}/oauth/register` }),
  grant_types_supported: grantTypes,
  response_types_supported: ['code'],
  token_endpoint_auth_methods_supported: [...authMethods, 'none'],
  token_endpoint_auth_signing_alg_values_supported: signedBy,
  code_challenge_methods_supported: ['S256'],
  scopes_supported: scopes,
});

/** [RFC 8414 2; OpenID Connect Discovery 3] */
export function serverMetadata(baseUrl: string, registration: boolean): object {
  return {
    ...common(baseUrl, registration),
    userinfo_endpoint: `${baseUrl}/oauth/userinfo`,
    response_modes_supported: ['query', 'form_post'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
    claims_supported: [
      'sub',
      'fhirUser',
      'name',
      'locale',
      'email',
      'email_verified',
      'acr',
      'amr',
      'auth_time',
    ],
    introspection_endpoint_auth_methods_supported: authMethods,
    introspection_endpoint_auth_signing_alg_values_supported: signedBy,
    revocation_endpoint_auth_methods_supported: [...authMethods, 'none'],
    revocation_endpoint_auth_signing_alg_values_supported: signedBy,
    authorization_response_iss_parameter_supported: true,
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
  };
}

/** [SMART App Launch 2.2, "Using .well-known"] */
export function smartConfiguration(baseUrl: string, registration: boolean): object {
  return {
    ...common(baseUrl, registration),
    capabilities: [
      'launch-ehr',
      'launch-standalone',
      'client-public',
      'client-confidential-symmetric',
      'client-confidential-asymmetric',
      'sso-openid-connect',
      'context-banner',
      'context-ehr-patient',
      'context-ehr-encounter',
      'context-standalone-patient',
      'permission-offline',
      'permission-online',
      'permission-patient',
      'permission-user',
      'permission-v1',
      'permission-v2',
    ],
  };
}

export interface Discovered {
  baseUrlOf(tenant: number): string;
  tenantOf(host: string): number;
  /** Whether clients may register themselves. */
  registration: boolean;
}

export function discoveryRoutes(http: FastifyInstance, deps: Discovered): void {
  const { baseUrlOf, tenantOf, registration } = deps;
  const documents: Record<string, typeof serverMetadata> = {
    '/fhir/R4/.well-known/smart-configuration': smartConfiguration,
    '/.well-known/openid-configuration': serverMetadata,
    '/.well-known/oauth-authorization-server': serverMetadata,
  };
  for (const [url, document] of Object.entries(documents))
    http.get(url, (req, reply) => {
      req.evidence.action = 'discover';
      return reply
        .header('access-control-allow-origin', '*')
        .header('cache-control', 'public, max-age=300')
        .send(document(baseUrlOf(tenantOf(req.host)), registration));
    });
}

/** What is known of an API client besides its rights: how it signs in, where its answers go, who made it. */
import { Refusal } from '@afar/fhir';
import type { JWK } from 'jose';
import { parseScope } from '../scopes.ts';

/** Program without a person; app that keeps a secret on a server; app in a browser or on a phone, which can keep none. */
export const clientKinds = ['backend', 'confidential', 'public'] as const;
export type ClientKind = (typeof clientKinds)[number];

export const authMethods = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'none',
] as const;
export type AuthMethod = (typeof authMethods)[number];

export interface ClientDetails {
  name: string;
  kind: ClientKind;
  auth: AuthMethod;
  /** Compared letter by letter. */
  redirectUris: string[];
  /** Who made it, in words for the person who is asked. */
  publisher?: string;
  /** A page about it. */
  uri?: string;
  /** Where it is opened from a chart [SMART App Launch 2.2, EHR launch]. */
  launchUri?: string;
  jwks?: { keys: JWK[] };
  jwksUri?: string;
  /** It registered itself: nobody of the clinic has typed this. */
  registered?: boolean;
}

/** Scopes that are no resource scopes [SMART App Launch 2.2; OpenID Connect Core 5.4]. */
export const plainScopes = [
  'openid',
  'fhirUser',
  'profile',
  'email',
  'launch',
  'launch/patient',
  'launch/encounter',
  'offline_access',
  'online_access',
] as const;
const plain = new Set<string>(plainScopes);
export const isPlainScope = (text: string): boolean => plain.has(text);

const most = { uris: 10, scopes: 60, keys: 10, text: 2_000 } as const;

const fault = (diagnostics: string, expression: string): Refusal =>
  new Refusal('invalid', { diagnostics, expression: [expression] });

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * An address answers may be sent to: https, http on this very machine, or a scheme of a phone app's own, which has a dot in it
 * so that no other app has it by chance [RFC 8252 7.1]. No fragment, no user name, no wildcard.
 */
export function isRedirectUri(text: string, kind: ClientKind): boolean {
  if (text.length > most.text || !URL.canParse(text) || /[\s*\\#]/.test(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username || password) return false;
  if (protocol === 'https:') return hostname.length > 0;
  if (protocol === 'http:') return loopback.has(hostname);
  return kind === 'public' && /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:$/.test(protocol);
}

const isPage = (text: string): boolean => isRedirectUri(text, 'confidential');

/** Public keys for signatures alone: a private part that was sent by mistake is refused, not kept. */
function requireKeys(jwks: { keys: JWK[] }): void {
  const { keys } = jwks;
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > most.keys)
    throw fault('a JWK set has one to ten keys', 'jwks');
  for (const { kty, d, k, kid, crv, n } of keys) {
    if (d !== undefined || k !== undefined)
      throw fault('this is a private key: send the public one', 'jwks');
    const usable = (kty === 'EC' && crv === 'P-384') || (kty === 'RSA' && (n?.length ?? 0) >= 342);
    if (!usable || !kid)
      throw fault(
        'keys are EC P-384 (ES384) or RSA of 2048 bits or more (RS384), with a kid',
        'jwks',
      );
  }
}

/** @throws Refusal `invalid` with the field at fault */
export function requireDetails(details: ClientDetails): void {
  const { kind, auth, redirectUris, jwks, jwksUri, launchUri, uri } = details;
  if (kind === 'public' ? auth !== 'none' : auth === 'none')
    throw fault('an app without a secret is a public one, and only that', 'auth');
  if (kind === 'backend' ? redirectUris.length > 0 : redirectUris.length === 0)
    throw fault('apps that people use have redirect addresses, others have none', 'redirectUris');
  if (redirectUris.length > most.uris || new Set(redirectUris).size !== redirectUris.length)
    throw fault('at most ten redirect addresses, each once', 'redirectUris');
  for (const one of redirectUris)
    if (!isRedirectUri(one, kind))
      throw fault('https, or http on localhost; no fragment', 'redirectUris');
  if (auth === 'private_key_jwt' && !jwks === !jwksUri)
    throw fault('either keys or the address of keys', 'jwks');
  if (auth !== 'private_key_jwt' && (jwks || jwksUri))
    throw fault('keys are for signed assertions', 'jwks');
  if (jwks) requireKeys(jwks);
  if (jwksUri !== undefined && !isPage(jwksUri)) throw fault('an https address', 'jwksUri');
  if (launchUri !== undefined && (kind === 'backend' || !isPage(launchUri)))
    throw fault('an https address of an app that people use', 'launchUri');
  if (uri !== undefined && !isPage(uri)) throw fault('an https address', 'uri');
}

/**
 * Scopes a client may be given, each once, as written.
 * @throws Refusal `invalid` for one that is unknown, or is not for this kind of client
 */
export function requireScopes(text: string, { kind }: Pick<ClientDetails, 'kind'>): string {
  const scopes = [...new Set(text.split(' ').filter(Boolean))];
  if (scopes.length > most.scopes) throw fault('too many scopes', 'scope');
  for (const one of scopes) {
    const parsed = parseScope(one);
    const fits = parsed
      ? (parsed.context === 'system') === (kind === 'backend')
      : isPlainScope(one) && kind !== 'backend';
    if (!fits) throw fault(`not a scope for this client: ${one.slice(0, 80)}`, 'scope');
  }
  return scopes.join(' ');
}

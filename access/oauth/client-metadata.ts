/** A client in the words of the authorization server [RFC 7591 2]. */
import type { Payload } from 'oidc-provider';
import type { Client } from './clients.ts';

/** Grant types follow from what the client is and what it may ask for; nothing more is switched on for it. */
export function clientMetadata({
  client_id: clientId,
  secret_hash: hash,
  scope,
  details,
}: Client): Payload {
  const { kind, auth, redirectUris, jwks, jwksUri, name } = details;
  const person = kind !== 'backend';
  const refreshes = /(^| )(offline|online)_access( |$)/.test(scope);
  return {
    client_id: clientId,
    client_name: name,
    // Compared by hash: see `compareClientSecret` in provider.ts.
    ...(auth.startsWith('client_secret') && { client_secret: hash.toString('hex') }),
    grant_types: person
      ? ['authorization_code', ...(refreshes ? ['refresh_token'] : [])]
      : ['client_credentials'],
    response_types: person ? ['code'] : [],
    redirect_uris: redirectUris,
    // A scheme of its own is a phone's; everything else is compared as the web does.
    application_type: redirectUris.some((one) => !/^https?:/.test(one)) ? 'native' : 'web',
    token_endpoint_auth_method: auth,
    ...(jwks && { jwks }),
    ...(jwksUri !== undefined && { jwks_uri: jwksUri }),
  };
}

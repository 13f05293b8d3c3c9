/** Asks another provider who somebody is, by `openid-client`: code flow with PKCE, state and nonce, signatures checked. */
import { Refusal } from '@afar/fhir';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  ClientSecretBasic,
  customFetch,
  discovery,
  enableNonRepudiationChecks,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  type Configuration,
} from 'openid-client';
import { fetchBy, type Outward } from '../oauth/outward.ts';
import type { ExternalProvider } from './providers.ts';

/** What is kept between the way out and the way back. */
export interface Journey {
  provider: string;
  state: string;
  nonce: string;
  verifier: string;
}

export interface Told {
  subject: string;
  /** An address that the provider says it has verified. */
  email?: string;
  acr?: string;
  amr: string[];
}

export interface RelyingParty {
  /** @throws Refusal `unavailable` when the provider cannot be asked */
  depart(
    provider: ExternalProvider,
    redirectUri: string,
  ): Promise<{ url: string; journey: Journey }>;
  /** @throws Refusal `bad-credentials` for an answer that is not one to this journey */
  arrive(provider: ExternalProvider, journey: Journey, url: URL): Promise<Told>;
}

/** Addresses and keys of a provider are asked for again after this, ms. */
const knownMs = 3_600_000;

export function createRelyingParty(deps: {
  outbound: Outward | undefined;
  clock: { now(): number };
}): RelyingParty {
  const { outbound, clock } = deps;
  const known = new Map<string, { config: Promise<Configuration>; until: number }>();

  function configOf(provider: ExternalProvider): Promise<Configuration> {
    const { id, issuer, clientId, clientSecret } = provider;
    const name = `${id} ${issuer} ${clientId} ${clientSecret}`;
    const found = known.get(name);
    if (found && found.until > clock.now()) return found.config;
    const issuerUrl = new URL(issuer);
    const config = discovery(issuerUrl, clientId, undefined, ClientSecretBasic(clientSecret), {
      [customFetch]: fetchBy(outbound) as never,
      // Whether plain http is called at all is for the guarded way out to say: by default never.
      execute: [
        enableNonRepudiationChecks,
        ...(issuerUrl.protocol === 'http:' ? [allowInsecureRequests] : []),
      ],
    });
    if (known.size > 500) known.clear();
    known.set(name, { config, until: clock.now() + knownMs });
    config.catch(() => known.delete(name));
    return config;
  }

  async function reachable(provider: ExternalProvider): Promise<Configuration> {
    try {
      return await configOf(provider);
    } catch (error) {
      throw new Refusal('unavailable', {
        detail: 'an identity provider did not answer',
        cause: error,
      });
    }
  }

  return {
    async depart(provider, redirectUri) {
      const config = await reachable(provider);
      const journey: Journey = {
        provider: provider.id,
        state: randomState(),
        nonce: randomNonce(),
        verifier: randomPKCECodeVerifier(),
      };
      const url = buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: provider.linkByEmail ? 'openid email' : 'openid',
        state: journey.state,
        nonce: journey.nonce,
        code_challenge: await calculatePKCECodeChallenge(journey.verifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, journey };
    },
    async arrive(provider, { state, nonce, verifier }, url) {
      const config = await reachable(provider);
      try {
        // State, nonce, PKCE, `iss` of the answer [RFC 9207], issuer, audience and signature of the id token: each is checked in here.
        const tokens = await authorizationCodeGrant(config, url, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        const claims = tokens.claims()!;
        const { email, email_verified: verified, acr, amr } = claims;
        return {
          subject: claims.sub,
          ...(typeof email === 'string' && verified === true && { email }),
          ...(typeof acr === 'string' && { acr }),
          amr: Array.isArray(amr) ? amr.filter((one) => typeof one === 'string') : [],
        };
      } catch (error) {
        throw new Refusal('bad-credentials', {
          detail: 'an external sign-in failed',
          cause: error,
        });
      }
    },
  };
}

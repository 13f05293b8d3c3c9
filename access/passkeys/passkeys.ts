/** Passkeys [WebAuthn 3]: an authenticator that has verified its user is a complete second factor, and a sign-in by itself. */
import { Refusal } from '@afar/fhir';
import type {
  AuthenticationResponseJSON,
  AuthenticatorTransport,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import type { Account } from '../accounts/vault.ts';
import type { ChallengeFor, Challenges } from './challenges.ts';
import type { Passkey, PasskeyStore } from './store.ts';

/** Whom authenticators make passkeys for: the address people see, and nothing a request says. */
export interface RelyingParty {
  /** The host alone. */
  id: string;
  origin: string;
}

export interface PasskeyCeremonies {
  creationOptions(
    account: Account,
    browser: string,
  ): Promise<PublicKeyCredentialCreationOptionsJSON>;
  /** What an authenticator made, when everything about it is right; nothing is stored. @throws Refusal `bad-credentials` (403) */
  made(
    account: Account,
    browser: string,
    response: RegistrationResponseJSON,
  ): Promise<Pick<Passkey, 'credential' | 'key' | 'transports' | 'synced' | 'counter'>>;
  requestOptions(
    what: ChallengeFor,
    credentials: readonly Passkey[],
  ): Promise<PublicKeyCredentialRequestOptionsJSON>;
  /** Whose passkey it says it is, nothing proven: an account's id. */
  owner(tenant: number, response: AuthenticationResponseJSON): Promise<string | undefined>;
  /** The passkey that was shown; undefined for whatever is wrong about it. */
  shown(what: ChallengeFor, response: AuthenticationResponseJSON): Promise<Passkey | undefined>;
}

/** The account's handle inside the authenticator [WebAuthn 3, 5.4.3]: its random id, which names nobody. */
export const userHandle = (account: string): Buffer =>
  Buffer.from(account.replaceAll('-', ''), 'hex');

/** With its parsers of certificates it is heavy: it comes with the first passkey, not with the program. */
const webauthn = () => import('@simplewebauthn/server');

/** As long as a challenge is good for, ms. */
const timeout = 10 * 60_000;

export function createPasskeyCeremonies(deps: {
  store: PasskeyStore;
  challenges: Challenges;
  rp(tenant: number): RelyingParty;
}): PasskeyCeremonies {
  const { store, challenges, rp } = deps;

  const describe = (passkey: Passkey) => ({
    id: passkey.credential,
    transports: passkey.transports as AuthenticatorTransport[],
  });

  return {
    async creationOptions(account, browser) {
      const { tenant, id, personal } = account;
      const challenge = await challenges.make({
        tenant,
        purpose: 'register',
        browser,
        account: id,
      });
      const { generateRegistrationOptions } = await webauthn();
      return generateRegistrationOptions({
        rpName: 'Afar',
        rpID: rp(tenant).id,
        userName: personal.email,
        userDisplayName: personal.name,
        userID: new Uint8Array(userHandle(id)),
        challenge: new Uint8Array(challenge),
        timeout,
        // Who made the authenticator is nobody's business here, and asking costs a dialog.
        attestationType: 'none',
        excludeCredentials: (await store.list(tenant, id)).map(describe),
        authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      });
    },
    async made({ tenant, id }, browser, response) {
      const what = { tenant, purpose: 'register', browser, account: id } as const;
      const { id: expectedRPID, origin } = rp(tenant);
      const { verifyRegistrationResponse } = await webauthn();
      const { verified, registrationInfo } = await verifyRegistrationResponse({
        response,
        expectedChallenge: (challenge) => challenges.spend(challenge, what),
        expectedOrigin: origin,
        expectedRPID,
        requireUserVerification: true,
      }).catch(refused);
      if (!verified || !registrationInfo) throw new Refusal('bad-credentials', { status: 403 });
      const { credential, credentialBackedUp } = registrationInfo;
      return {
        credential: credential.id,
        key: Buffer.from(credential.publicKey).toString('base64url'),
        transports: (response.response.transports ?? []).slice(0, 8),
        synced: credentialBackedUp,
        counter: credential.counter,
      };
    },
    async requestOptions(what, credentials) {
      const { generateAuthenticationOptions } = await webauthn();
      return generateAuthenticationOptions({
        rpID: rp(what.tenant).id,
        challenge: new Uint8Array(await challenges.make(what)),
        timeout,
        userVerification: 'required',
        allowCredentials: credentials.map(describe),
      });
    },
    owner: async (tenant, { id }) => (await store.find(tenant, id))?.account,
    async shown(what, response) {
      const { tenant, account } = what;
      const passkey = await store.find(tenant, response.id);
      if (!passkey || (account !== undefined && passkey.account !== account)) return undefined;
      // [WebAuthn 3, 7.2 step 6] without a name given before, the authenticator says whose it is, and must be right.
      const { userHandle: handle } = response.response;
      if (handle === undefined ? account === undefined : !sameHandle(handle, passkey.account))
        return undefined;
      const { id: expectedRPID, origin } = rp(tenant);
      const { verifyAuthenticationResponse } = await webauthn();
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response,
        expectedChallenge: (challenge) => challenges.spend(challenge, what),
        expectedOrigin: origin,
        expectedRPID,
        requireUserVerification: true,
        credential: {
          id: passkey.credential,
          publicKey: new Uint8Array(Buffer.from(passkey.key, 'base64url')),
          counter: passkey.counter,
        },
      }).catch(refused);
      if (!verified || !authenticationInfo) return undefined;
      return (await store.used(passkey, authenticationInfo.newCounter)) ? passkey : undefined;
    },
  };
}

const sameHandle = (handle: string, account: string): boolean =>
  Buffer.from(handle, 'base64url').equals(userHandle(account));

/** The library throws plain errors for what it found wrong; a database that is away (an error with a status) says nothing about it. */
function refused(error: unknown): {
  verified: false;
  registrationInfo?: never;
  authenticationInfo?: never;
} {
  if (error instanceof Error && 'status' in error) throw error;
  return { verified: false };
}

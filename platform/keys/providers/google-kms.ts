/** Google Cloud KMS: wraps by encrypt and decrypt with additional authenticated data [Cloud KMS REST v1, cryptoKeys]. */
import { readFile } from 'node:fs/promises';
import { importPKCS8, SignJWT } from 'jose';
import { KeyUnavailable } from '../errors.ts';
import type { KeyProvider } from '../provider.ts';
import { ask, pack, ProviderRefused, textIn, tokens, unpack } from './http.ts';
import type { Asking, Reply } from './http.ts';

const name = 'Google Cloud KMS';
const scope = 'https://www.googleapis.com/auth/cloudkms';

export interface GoogleKmsOptions extends Asking {
  /** `projects/…/locations/…/keyRings/…/cryptoKeys/…` */
  key: string;
  env: Readonly<Record<string, string | undefined>>;
}

interface ServiceAccount {
  client_email: string;
  private_key: string;
  private_key_id?: string;
  token_uri: string;
}

const reasonOf = ({ body }: Reply): string => {
  const status = (body as { error?: { status?: unknown } } | undefined)?.error?.status;
  return typeof status === 'string' ? status : '';
};

const advice: Record<string, string> = {
  PERMISSION_DENIED: 'give the service account the role Cloud KMS CryptoKey Encrypter/Decrypter',
  NOT_FOUND: 'there is no such key',
  FAILED_PRECONDITION: 'the version of the key is disabled or destroyed',
  INVALID_ARGUMENT: 'wrapped by another key, or for another place',
};

/** @throws Error for something that is no name of a key */
export function googleKms({ key, env, ...asking }: GoogleKmsOptions): KeyProvider {
  if (!/^projects\/[^/]+\/locations\/[^/]+\/keyRings\/[^/]+\/cryptoKeys\/[\w-]+$/.test(key))
    throw new Error('google-kms: wants projects/…/locations/…/keyRings/…/cryptoKeys/…');
  const base = env.AFAR_KEK_ENDPOINT ?? 'https://cloudkms.googleapis.com';
  const access = tokens(() =>
    env.GOOGLE_APPLICATION_CREDENTIALS
      ? fromAccount(env.GOOGLE_APPLICATION_CREDENTIALS, asking)
      : fromMetadata(env.GCE_METADATA_HOST ?? 'metadata.google.internal', asking),
  );

  async function call(path: string, body: object): Promise<Reply> {
    const prepare = async () =>
      new Request(`${base}/v1/${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${await access.get()}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify(body),
      });
    let reply = await ask(name, prepare, asking);
    if (reply.status === 401) {
      access.drop();
      reply = await ask(name, prepare, asking);
    }
    if (reply.status === 200) return reply;
    const reason = reasonOf(reply);
    throw new ProviderRefused(name, reply.status, reason, advice[reason] ?? '');
  }

  const b64 = (bytes: Uint8Array | string) => Buffer.from(bytes as Uint8Array).toString('base64');
  return {
    id: `google-kms:${key}`,
    async wrap(plain, context) {
      const { body } = await call(`${key}:encrypt`, {
        plaintext: b64(plain),
        additionalAuthenticatedData: b64(context),
      });
      const version = textIn(name, body, 'name');
      return pack(version, Buffer.from(textIn(name, body, 'ciphertext'), 'base64'));
    },
    async unwrap(wrapped, context) {
      // The ciphertext itself names its version.
      const { body } = await call(`${key}:decrypt`, {
        ciphertext: b64(unpack(wrapped).bytes),
        additionalAuthenticatedData: b64(context),
      });
      return Buffer.from(textIn(name, body, 'plaintext'), 'base64');
    },
    versionOf: (wrapped) => unpack(wrapped).version,
    async advance() {
      const { body } = await call(`${key}/cryptoKeyVersions`, {});
      const version = textIn(name, body, 'name');
      await call(`${key}:updatePrimaryVersion`, {
        cryptoKeyVersionId: version.slice(version.lastIndexOf('/') + 1),
      });
      return version;
    },
    async retire(version) {
      if (!version.startsWith(`${key}/cryptoKeyVersions/`))
        throw new KeyUnavailable('google-kms: a version of another key');
      const { body } = await call(`${version}:destroy`, {});
      const { destroyTime } = body as { destroyTime?: string };
      return `${version} opens nothing from now on; Google destroys it ${destroyTime ? `at ${destroyTime}` : 'after the time set for the key'}, until then an administrator can restore it`;
    },
  };
}

/** A JWT of the service account for an access token [RFC 7523]. */
async function fromAccount(file: string, asking: Asking) {
  let account: ServiceAccount;
  try {
    account = JSON.parse(await readFile(file, 'utf8')) as ServiceAccount;
  } catch (cause) {
    throw new KeyUnavailable(
      'GOOGLE_APPLICATION_CREDENTIALS names no readable service account file',
      { cause },
    );
  }
  const privateKey = await importPKCS8(account.private_key, 'RS256');
  const assertion = await new SignJWT({ scope })
    .setProtectedHeader({
      alg: 'RS256',
      typ: 'JWT',
      ...(account.private_key_id && { kid: account.private_key_id }),
    })
    .setIssuer(account.client_email)
    .setAudience(account.token_uri)
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(privateKey);
  const body = new URLSearchParams({
    grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    assertion,
  });
  return tokenOf(
    await ask(name, () => new Request(account.token_uri, { method: 'POST', body }), asking),
  );
}

async function fromMetadata(host: string, asking: Asking) {
  const url = `http://${host}/computeMetadata/v1/instance/service-accounts/default/token`;
  const headers = { 'metadata-flavor': 'Google' };
  return tokenOf(await ask(`${name} metadata`, () => new Request(url, { headers }), asking));
}

function tokenOf({ status, body }: Reply): { token: string; seconds: number } {
  if (status !== 200)
    throw new ProviderRefused(`${name} sign-in`, status, '', 'look at the service account');
  const { expires_in: seconds = 300 } = body as { expires_in?: number };
  return { token: textIn(name, body, 'access_token'), seconds };
}

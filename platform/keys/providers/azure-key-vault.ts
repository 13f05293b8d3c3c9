/** Azure Key Vault: wrapKey and unwrapKey by RSA-OAEP-256; the context is bound by a key of our own between [Key Vault REST 7.4]. */
import { createSecretKey, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { KeyUnavailable } from '../errors.ts';
import type { KeyProvider } from '../provider.ts';
import { unwrapKey, wrapKey } from '../wrap.ts';
import { ask, pack, ProviderRefused, textIn, tokens, unpack } from './http.ts';
import type { Asking, Reply } from './http.ts';

const name = 'Azure Key Vault';
const version = 'api-version=7.4';
const alg = 'RSA-OAEP-256';

export interface AzureKeyVaultOptions extends Asking {
  /** `https://name.vault.azure.net/keys/name` */
  key: string;
  env: Readonly<Record<string, string | undefined>>;
}

const reasonOf = ({ body }: Reply): string => {
  const error = (body as { error?: { code?: unknown } | string } | undefined)?.error;
  const code = typeof error === 'string' ? error : error?.code;
  return typeof code === 'string' ? code : '';
};

const advice: Record<string, string> = {
  Forbidden:
    'give the identity get, wrapKey and unwrapKey on the key, and let this address through',
  KeyNotFound: 'there is no such key',
};

/** @throws Error for something that is no address of a key */
export function azureKeyVault({ key, env, ...asking }: AzureKeyVaultOptions): KeyProvider {
  const url = URL.parse(key);
  if (!url || !/^\/keys\/[\w-]+$/.test(url.pathname))
    throw new Error('azure-key-vault: wants https://<vault>.vault.azure.net/keys/<name>');
  const access = tokens(() => signIn(env, asking));

  async function call(method: string, address: string, sent?: object): Promise<Reply> {
    const prepare = async () =>
      new Request(`${address}?${version}`, {
        method,
        headers: {
          authorization: `Bearer ${await access.get()}`,
          ...(sent && { 'content-type': 'application/json' }),
        },
        ...(sent && { body: JSON.stringify(sent) }),
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

  /** A version's address; never another vault's, whatever a row says. */
  const own = (kid: string): string => {
    if (!kid.startsWith(`${key}/`))
      throw new KeyUnavailable('azure-key-vault: a version of another key');
    return kid;
  };

  return {
    id: `azure-key-vault:${key}`,
    async wrap(plain, context) {
      const found = await call('GET', key);
      const kid = own(textIn(name, found.body, 'key', 'kid'));
      // RSA-OAEP of the service takes no context: it wraps a key that is used once, which binds it.
      const secret = randomBytes(32);
      const { body } = await call('POST', `${kid}/wrapkey`, {
        alg,
        value: secret.toString('base64url'),
      });
      const outer = Buffer.from(textIn(name, body, 'value'), 'base64url');
      const inner = wrapKey(createSecretKey(secret), plain, context);
      secret.fill(0);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(outer.length);
      return pack(kid, Buffer.concat([length, outer, inner]));
    },
    async unwrap(wrapped, context) {
      const { version: kid, bytes } = unpack(wrapped);
      const end = 2 + bytes.readUInt16BE(0);
      const { body } = await call('POST', `${own(kid)}/unwrapkey`, {
        alg,
        value: bytes.toString('base64url', 2, end),
      });
      const secret = Buffer.from(textIn(name, body, 'value'), 'base64url');
      try {
        return unwrapKey(createSecretKey(secret), bytes.subarray(end), context);
      } catch (cause) {
        throw new KeyUnavailable('wrapped for another place', { cause });
      } finally {
        secret.fill(0);
      }
    },
    versionOf: (wrapped) => unpack(wrapped).version,
    advance: async () => textIn(name, (await call('POST', `${key}/rotate`)).body, 'key', 'kid'),
    async retire(kid) {
      await call('PATCH', own(kid), { attributes: { enabled: false } });
      return `${kid} is disabled and opens nothing; Azure deletes no single version: an administrator could enable it again`;
    },
  };
}

async function signIn(env: AzureKeyVaultOptions['env'], asking: Asking) {
  const resource = 'https://vault.azure.net';
  const { AZURE_TENANT_ID: tenant, AZURE_CLIENT_ID: client, AZURE_CLIENT_SECRET_FILE: file } = env;
  const secret = file ? (await readFile(file, 'utf8')).trim() : env.AZURE_CLIENT_SECRET;
  let prepare: () => Request;
  if (tenant && client && secret) {
    const host = (env.AZURE_AUTHORITY_HOST ?? 'https://login.microsoftonline.com').replace(
      /\/$/,
      '',
    );
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: client,
      client_secret: secret,
      scope: `${resource}/.default`,
    });
    prepare = () => new Request(`${host}/${tenant}/oauth2/v2.0/token`, { method: 'POST', body });
  } else if (env.IDENTITY_ENDPOINT && env.IDENTITY_HEADER) {
    const query = new URLSearchParams({
      resource,
      'api-version': '2019-08-01',
      ...(client && { client_id: client }),
    });
    const headers = { 'x-identity-header': env.IDENTITY_HEADER };
    prepare = () => new Request(`${env.IDENTITY_ENDPOINT}?${query}`, { headers });
  } else {
    const host = env.AZURE_POD_IDENTITY_AUTHORITY_HOST ?? 'http://169.254.169.254';
    const query = new URLSearchParams({
      resource,
      'api-version': '2018-02-01',
      ...(client && { client_id: client }),
    });
    prepare = () =>
      new Request(`${host}/metadata/identity/oauth2/token?${query}`, {
        headers: { metadata: 'true' },
      });
  }
  const reply = await ask(`${name} sign-in`, prepare, asking);
  if (reply.status !== 200)
    throw new ProviderRefused(
      `${name} sign-in`,
      reply.status,
      reasonOf(reply),
      'look at AZURE_CLIENT_ID and its secret, or at the identity of this machine',
    );
  // Metadata says the seconds as text.
  const seconds = Number((reply.body as { expires_in?: string | number }).expires_in ?? 300);
  return { token: textIn(name, reply.body, 'access_token'), seconds };
}

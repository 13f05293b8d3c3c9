/** HashiCorp Vault (or OpenBao), transit engine: wraps by encrypt and decrypt with associated data [Vault API: transit]. */
import { readFile } from 'node:fs/promises';
import { KeyUnavailable } from '../errors.ts';
import type { KeyProvider } from '../provider.ts';
import { ask, pack, ProviderRefused, textIn, tokens, unpack } from './http.ts';
import type { Asking, Reply } from './http.ts';

const name = 'Vault';

export interface VaultTransitOptions extends Asking {
  /** `https://vault.example.org:8200/<mount>/keys/<name>` */
  key: string;
  env: Readonly<Record<string, string | undefined>>;
}

type Env = VaultTransitOptions['env'];

const secretOf = async (env: Env, setting: string): Promise<string | undefined> => {
  const file = env[`${setting}_FILE`];
  return file ? (await readFile(file, 'utf8')).trim() : env[setting];
};

const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** @throws Error for something that is no address of a transit key */
export function vaultTransit({ key, env, ...asking }: VaultTransitOptions): KeyProvider {
  const [, base, mount, keyName] =
    /^(https?:\/\/[^/]+)\/([\w/-]+)\/keys\/([\w-]+)$/.exec(key) ?? [];
  if (!base || !mount || !keyName)
    throw new Error('vault-transit: wants https://<vault>/<mount>/keys/<name>');
  const namespace: Record<string, string> = env.VAULT_NAMESPACE
    ? { 'x-vault-namespace': env.VAULT_NAMESPACE }
    : {};
  const token = tokens(() => signIn());

  async function signIn(): Promise<{ token: string; seconds: number }> {
    const given = await secretOf(env, 'VAULT_TOKEN');
    // Read anew each minute: an agent may renew the file.
    if (given) return { token: given, seconds: 120 };
    const [role, secret] = [env.VAULT_ROLE_ID, await secretOf(env, 'VAULT_SECRET_ID')];
    const kubernetes = env.VAULT_KUBERNETES_ROLE;
    if (!kubernetes && !(role && secret))
      throw new KeyUnavailable(
        'no credentials for Vault: set VAULT_TOKEN_FILE, or VAULT_ROLE_ID and VAULT_SECRET_ID_FILE, or VAULT_KUBERNETES_ROLE',
      );
    const where = kubernetes
      ? `auth/${env.VAULT_KUBERNETES_MOUNT ?? 'kubernetes'}/login`
      : `auth/${env.VAULT_APPROLE_MOUNT ?? 'approle'}/login`;
    const jwtFile = env.VAULT_KUBERNETES_TOKEN_FILE ?? serviceAccountToken;
    const body = JSON.stringify(
      kubernetes
        ? { role: kubernetes, jwt: (await readFile(jwtFile, 'utf8')).trim() }
        : { role_id: role, secret_id: secret },
    );
    const headers = { 'content-type': 'application/json', ...namespace };
    const request = () => new Request(`${base}/v1/${where}`, { method: 'POST', headers, body });
    const reply = await ask(`${name} sign-in`, request, asking);
    if (reply.status !== 200)
      throw new ProviderRefused(
        `${name} sign-in`,
        reply.status,
        '',
        'look at the role and its secret',
      );
    const { lease_duration: seconds } = (reply.body as { auth: { lease_duration: number } }).auth;
    return { token: textIn(name, reply.body, 'auth', 'client_token'), seconds: seconds || 300 };
  }

  async function call(method: string, path: string, body?: object): Promise<Reply> {
    const prepare = async () =>
      new Request(`${base}/v1/${mount}/${path}`, {
        method,
        headers: {
          'x-vault-token': await token.get(),
          'x-vault-request': 'true',
          ...(body && { 'content-type': 'application/json' }),
          ...namespace,
        },
        ...(body && { body: JSON.stringify(body) }),
      });
    let reply = await ask(name, prepare, asking);
    if (reply.status === 403) {
      // A token that has ended answers as one that may not: one new sign-in tells them apart.
      token.drop();
      reply = await ask(name, prepare, asking);
    }
    if (reply.status === 200 || reply.status === 204) return reply;
    const advice: Record<number, string> = {
      400: 'wrapped by another key or for another place, or the version is below min_decryption_version',
      403: `allow update on ${mount}/encrypt/${keyName} and ${mount}/decrypt/${keyName} to this token`,
      404: 'there is no such key or mount',
      503: 'it is sealed or in maintenance',
    };
    throw new ProviderRefused(name, reply.status, '', advice[reply.status] ?? '');
  }

  const b64 = (bytes: Uint8Array | string) => Buffer.from(bytes as Uint8Array).toString('base64');
  return {
    id: `vault-transit:${key}`,
    async wrap(plain, context) {
      const { body } = await call('POST', `encrypt/${keyName}`, {
        plaintext: b64(plain),
        associated_data: b64(context),
      });
      const text = textIn(name, body, 'data', 'ciphertext');
      const [, version] = /^vault:v(\d+):/.exec(text) ?? [];
      if (!version) throw new KeyUnavailable('Vault answered with no ciphertext of its own form');
      return pack(version, Buffer.from(text));
    },
    async unwrap(wrapped, context) {
      const { body } = await call('POST', `decrypt/${keyName}`, {
        ciphertext: unpack(wrapped).bytes.toString(),
        associated_data: b64(context),
      });
      return Buffer.from(textIn(name, body, 'data', 'plaintext'), 'base64');
    },
    versionOf: (wrapped) => unpack(wrapped).version,
    async advance() {
      await call('POST', `keys/${keyName}/rotate`);
      const { body } = await call('GET', `keys/${keyName}`);
      return String((body as { data: { latest_version: number } }).data.latest_version);
    },
    async retire(version) {
      const least = Number(version) + 1;
      // Both have to be set before versions can be trimmed away for good.
      await call('POST', `keys/${keyName}/config`, {
        min_decryption_version: least,
        min_encryption_version: least,
      });
      await call('POST', `keys/${keyName}/trim`, { min_available_version: least });
      return `version ${version} and those before it are destroyed`;
    },
  };
}

/** Azure Key Vault: wrapping by real RSA-OAEP, sign-in by both ways, errors in Azure's own shapes. */
import { constants, generateKeyPairSync, privateDecrypt, publicEncrypt } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { KeyUnavailable } from '../errors.ts';
import type { Answering, Asked } from '../testing/fake-provider.ts';
import { context, fake, file, plain, provider, stands, trial } from '../testing/provider-trial.ts';

trial();

describe('Azure Key Vault', () => {
  const rsa = [0, 1].map(() => generateKeyPairSync('rsa', { modulusLength: 2048 }));
  let token = 'azure-1';
  let current = 0;
  let disabled: string[] = [];
  const oaep = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' };

  const vault = (asked: Asked): Answering => {
    const refuse = (status: number, code: string) => ({
      status,
      json: { error: { code, message: 'free text' } },
    });
    if (asked.headers.authorization !== `Bearer ${token}`) return refuse(401, 'Unauthorized');
    if (asked.query.get('api-version') !== '7.4') return refuse(400, 'BadParameter');
    const base = `http://${asked.headers.host}/keys/afar`;
    const bundle = () => ({ json: { key: { kid: `${base}/v${current}`, kty: 'RSA-HSM' } } });
    if (asked.method === 'GET' && asked.path === '/keys/afar') return bundle();
    if (asked.path === '/keys/afar/rotate') {
      current = 1;
      return bundle();
    }
    const [, version = '', action = ''] =
      /^\/keys\/afar\/v(\d)(?:\/(\w+))?$/.exec(asked.path) ?? [];
    const body = asked.json() as {
      alg?: string;
      value?: string;
      attributes?: { enabled: boolean };
    };
    if (asked.method === 'PATCH' && body.attributes?.enabled === false) {
      disabled.push(version);
      return bundle();
    }
    if (disabled.includes(version)) return refuse(403, 'Forbidden');
    if (body.alg !== 'RSA-OAEP-256') return refuse(400, 'BadParameter');
    const value = Buffer.from(body.value!, 'base64url');
    try {
      const pair = rsa[Number(version)]!;
      const bytes =
        action === 'wrapkey'
          ? publicEncrypt({ key: pair.publicKey, ...oaep }, value)
          : privateDecrypt({ key: pair.privateKey, ...oaep }, value);
      return { json: { kid: `${base}/v${version}`, value: bytes.toString('base64url') } };
    } catch {
      return refuse(400, 'BadParameter');
    }
  };
  beforeEach(() => {
    current = 0;
    disabled = [];
  });

  it('signs in by client credentials, wraps under the current version, survives an ended token', async () => {
    let signIns = 0;
    const login = await fake(({ path, text }) => {
      const form = new URLSearchParams(text);
      const right =
        path === '/tenant-id/oauth2/v2.0/token' && form.get('client_secret') === 'hush-hush';
      if (!right || form.get('scope') !== 'https://vault.azure.net/.default')
        return { status: 401, json: { error: 'invalid_client', error_description: 'free text' } };
      token = `azure-${++signIns}`;
      return { json: { access_token: token, expires_in: 3599, token_type: 'Bearer' } };
    });
    const server = await fake(vault);
    const env = {
      AZURE_TENANT_ID: 'tenant-id',
      AZURE_CLIENT_ID: 'client',
      AZURE_CLIENT_SECRET_FILE: file('secret', 'hush-hush\n'),
      AZURE_AUTHORITY_HOST: login.url,
    };
    const one = provider(`azure-key-vault:${server.url}/keys/afar`, env);
    await stands(one, server, {
      status: 429,
      json: { error: { code: 'Throttled', message: 'free text' } },
    });
    token = 'ended meanwhile';
    await one.wrap(plain, context);
    expect(signIns).toBe(2);
    const wrong = provider(`azure-key-vault:${server.url}/keys/afar`, {
      ...env,
      AZURE_CLIENT_SECRET_FILE: file('wrong', 'no'),
    });
    await expect(wrong.wrap(plain, context)).rejects.toThrow(
      /sign-in refused \(HTTP 401, invalid_client\)/,
    );
  });

  it('takes a token of the managed identity; rotates, and disables the version before', async () => {
    const metadata = await fake(({ query, headers }) =>
      headers.metadata === 'true' && query.get('resource') === 'https://vault.azure.net'
        ? { json: { access_token: token, expires_in: '3599' } }
        : { status: 400 },
    );
    const server = await fake(vault);
    const one = provider(`azure-key-vault:${server.url}/keys/afar`, {
      AZURE_POD_IDENTITY_AUTHORITY_HOST: metadata.url,
    });
    const wrapped = await one.wrap(plain, context);
    expect(await one.advance!()).toMatch(/\/v1$/);
    expect(await one.retire!(one.versionOf!(wrapped)!)).toMatch(/disabled/);
    await expect(one.unwrap(wrapped, context)).rejects.toThrow(KeyUnavailable);
    // A row that names another vault is not followed there.
    const strange = Buffer.from(
      wrapped.toString('latin1').replace('/keys/afar', '/keys/evil'),
      'latin1',
    );
    await expect(one.unwrap(strange, context)).rejects.toThrow(/another key/);
  });
});

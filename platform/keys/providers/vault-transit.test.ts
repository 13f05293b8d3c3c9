/** Vault's transit engine: sign-in by all three ways, versions that are trimmed, a server that never answers. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Answering, Asked } from '../testing/fake-provider.ts';
import {
  b64,
  box,
  context,
  fake,
  file,
  plain,
  provider,
  stands,
  trial,
} from '../testing/provider-trial.ts';

trial();

describe('Vault transit', () => {
  let token = 'hvs.1';
  let latest = 1;
  let least = 1;

  const vault = (asked: Asked): Answering => {
    const refuse = (status: number) => ({ status, json: { errors: ['free text'] } });
    if (asked.path === '/v1/auth/approle/login') {
      if (asked.json().secret_id !== 'hush-hush') return refuse(400);
      token = `hvs.${Math.random()}`;
      return { json: { auth: { client_token: token, lease_duration: 1200, renewable: true } } };
    }
    if (asked.path === '/v1/auth/kubernetes/login') {
      const { role, jwt } = asked.json();
      return role === 'afar' && jwt === 'pod-jwt'
        ? { json: { auth: { client_token: token, lease_duration: 60 } } }
        : refuse(403);
    }
    if (asked.headers['x-vault-token'] !== token || asked.headers['x-vault-request'] !== 'true')
      return refuse(403);
    const body = asked.text ? (asked.json() as Record<string, string & number>) : {};
    const aad = b64(body.associated_data ?? '').toString();
    switch (`${asked.method} ${asked.path}`) {
      case 'POST /v1/transit/encrypt/afar': {
        const sealed = box(`vault ${latest}`).seal(b64(body.plaintext), aad).toString('base64');
        return {
          json: { data: { ciphertext: `vault:v${latest}:${sealed}`, key_version: latest } },
        };
      }
      case 'POST /v1/transit/decrypt/afar': {
        const [, version, sealed] = String(body.ciphertext).split(':');
        const n = Number(version!.slice(1));
        if (n < least) return refuse(400);
        try {
          return {
            json: {
              data: { plaintext: box(`vault ${n}`).open(b64(sealed), aad).toString('base64') },
            },
          };
        } catch {
          return refuse(400);
        }
      }
      case 'POST /v1/transit/keys/afar/rotate':
        latest++;
        return { status: 204, text: '' };
      case 'GET /v1/transit/keys/afar':
        return { json: { data: { latest_version: latest, type: 'aes256-gcm96' } } };
      case 'POST /v1/transit/keys/afar/config':
        least = body.min_decryption_version!;
        return body.min_encryption_version === least ? { status: 204, text: '' } : refuse(400);
      case 'POST /v1/transit/keys/afar/trim':
        return body.min_available_version === least ? { status: 204, text: '' } : refuse(400);
      default:
        return refuse(404);
    }
  };
  beforeEach(() => {
    latest = least = 1;
  });

  it('signs in by AppRole, binds the context, and signs in again when the token has ended', async () => {
    const server = await fake(vault);
    const env = { VAULT_ROLE_ID: 'role', VAULT_SECRET_ID_FILE: file('secret', 'hush-hush\n') };
    const one = provider(`vault-transit:${server.url}/transit/keys/afar`, env);
    await stands(one, server, { status: 503, json: { errors: ['Vault is sealed: free text'] } });
    token = 'ended meanwhile';
    await one.wrap(plain, context);
    const signIns = server.asked.filter(({ path }) => path.includes('login'));
    expect(signIns).toHaveLength(2);
  });

  it('signs in by Kubernetes, or with a token from a file; rotates, and trims what was', async () => {
    const server = await fake(vault);
    const jwt = file('jwt', 'pod-jwt\n');
    const spec = `vault-transit:${server.url}/transit/keys/afar`;
    const pod = provider(spec, { VAULT_KUBERNETES_ROLE: 'afar', VAULT_KUBERNETES_TOKEN_FILE: jwt });
    const wrapped = await pod.wrap(plain, context);
    const one = provider(spec, { VAULT_TOKEN_FILE: file('token', `${token}\n`) });
    expect(await one.advance!()).toBe('2');
    expect((await one.unwrap(wrapped, context)).equals(plain)).toBe(true);
    expect(await one.retire!(one.versionOf!(wrapped)!)).toMatch(/destroyed/);
    await expect(one.unwrap(wrapped, context)).rejects.toThrow(/min_decryption_version/);
  });

  it('gives up in time on one that accepts and never answers', async () => {
    const server = await fake(vault);
    const { vaultTransit } = await import('./vault-transit.ts');
    const key = `${server.url}/transit/keys/afar`;
    const one = vaultTransit({ key, env: { VAULT_TOKEN: token }, tryMs: 50, totalMs: 200 });
    server.next.push('hang', 'hang', 'hang', 'hang', 'hang', 'hang');
    await expect(one.wrap(plain, context)).rejects.toThrow(/does not answer/);
  });
});

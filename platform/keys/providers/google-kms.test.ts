/** Google Cloud KMS: the assertion of a service account verified, versions, errors in Google's own shapes. */
import { generateKeyPairSync } from 'node:crypto';
import { jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
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

describe('Google Cloud KMS', () => {
  const key = 'projects/p/locations/eu/keyRings/r/cryptoKeys/afar';
  const account = generateKeyPairSync('rsa', { modulusLength: 2048 });
  let token = 'access-1';
  let primary = 1;

  const kms = (asked: Asked): Answering => {
    const refuse = (code: number, status: string) => ({
      status: code,
      json: { error: { code, status, message: 'free text' } },
    });
    if (asked.headers.authorization !== `Bearer ${token}`) return refuse(401, 'UNAUTHENTICATED');
    const body = asked.json() as Record<string, string>;
    const aad = b64(body.additionalAuthenticatedData ?? '').toString();
    if (asked.path === `/v1/${key}:encrypt`) {
      const name = `${key}/cryptoKeyVersions/${primary}`;
      const sealed = Buffer.concat([
        Buffer.from([primary]),
        box(name).seal(b64(body.plaintext), aad),
      ]);
      return { json: { name, ciphertext: sealed.toString('base64'), protectionLevel: 'HSM' } };
    }
    if (asked.path === `/v1/${key}:decrypt`)
      try {
        const sealed = b64(body.ciphertext);
        const bytes = box(`${key}/cryptoKeyVersions/${sealed[0]}`).open(sealed.subarray(1), aad);
        return { json: { plaintext: bytes.toString('base64'), usedPrimary: true } };
      } catch {
        return refuse(400, 'INVALID_ARGUMENT');
      }
    if (asked.path === `/v1/${key}/cryptoKeyVersions`)
      return { json: { name: `${key}/cryptoKeyVersions/2`, state: 'ENABLED' } };
    if (asked.path === `/v1/${key}:updatePrimaryVersion`) {
      primary = Number(body.cryptoKeyVersionId);
      return { json: { name: key } };
    }
    if (asked.path === `/v1/${key}/cryptoKeyVersions/1:destroy`)
      return { json: { state: 'DESTROY_SCHEDULED', destroyTime: '2026-12-21T00:00:00Z' } };
    return refuse(404, 'NOT_FOUND');
  };

  it("signs in by the service account's own assertion, binds the context, survives an ended token", async () => {
    let signIns = 0;
    const server = await fake(kms);
    const assertions: string[] = [];
    const tokenServer = await fake((asked) => {
      const form = new URLSearchParams(asked.text);
      if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:jwt-bearer')
        return { status: 400 };
      assertions.push(form.get('assertion')!);
      token = `access-${++signIns}`;
      return { json: { access_token: token, expires_in: 3599, token_type: 'Bearer' } };
    });
    const credentials = file(
      'account.json',
      JSON.stringify({
        client_email: 'afar@p.iam.gserviceaccount.com',
        private_key: account.privateKey.export({ type: 'pkcs8', format: 'pem' }),
        private_key_id: 'k1',
        token_uri: tokenServer.url,
      }),
    );
    const one = provider(`google-kms:${key}`, {
      AFAR_KEK_ENDPOINT: server.url,
      GOOGLE_APPLICATION_CREDENTIALS: credentials,
    });
    await stands(one, server, {
      status: 429,
      json: { error: { status: 'RESOURCE_EXHAUSTED', message: 'free text' } },
    });
    const { payload, protectedHeader } = await jwtVerify(assertions[0]!, account.publicKey, {
      issuer: 'afar@p.iam.gserviceaccount.com',
      audience: tokenServer.url,
    });
    expect(protectedHeader).toMatchObject({ alg: 'RS256', kid: 'k1' });
    expect(payload.scope).toBe('https://www.googleapis.com/auth/cloudkms');
    token = 'ended meanwhile';
    await one.wrap(plain, context);
    expect(signIns).toBe(2);
  });

  it('takes a token of the metadata server; makes a version, makes it primary, destroys the former', async () => {
    const metadata = await fake(({ path, headers }) =>
      path === '/computeMetadata/v1/instance/service-accounts/default/token' &&
      headers['metadata-flavor'] === 'Google'
        ? { json: { access_token: token, expires_in: 300 } }
        : { status: 403 },
    );
    const server = await fake(kms);
    const one = provider(`google-kms:${key}`, {
      AFAR_KEK_ENDPOINT: server.url,
      GCE_METADATA_HOST: metadata.url.slice(7),
    });
    const wrapped = await one.wrap(plain, context);
    expect(await one.advance!()).toBe(`${key}/cryptoKeyVersions/2`);
    expect(one.versionOf!(await one.wrap(plain, context))).toMatch(/\/2$/);
    expect(await one.retire!(one.versionOf!(wrapped)!)).toMatch(/2026-12-21/);
  });
});

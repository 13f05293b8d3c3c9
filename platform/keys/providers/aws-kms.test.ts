/** AWS KMS: Signature Version 4 worked out from its specification, credentials from everywhere, errors in AWS's own shapes. */
import { createHash, createHmac } from 'node:crypto';
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

describe('AWS KMS', () => {
  const arn = 'arn:aws:kms:eu-central-1:111122223333:alias/afar';
  const keys = ['arn:aws:kms:eu-central-1:111122223333:key/one'];
  let ended = false;
  let deleted: string[] = [];

  /** Signature Version 4, worked out from the specification and not from the client's library. */
  function signed(asked: Asked, secret: string, token?: string): boolean {
    const [, id, date, scope, names, signature] =
      /^AWS4-HMAC-SHA256 Credential=(\w+)\/(\d{8})\/([\w/-]+), SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})$/.exec(
        asked.headers.authorization ?? '',
      ) ?? [];
    if (id !== 'AKIDEXAMPLE' || scope !== 'eu-central-1/kms/aws4_request') return false;
    if (asked.headers['x-amz-security-token'] !== token) return false;
    const hash = (text: string) => createHash('sha256').update(text).digest('hex');
    const hmac = (key: string | Buffer, text: string) =>
      createHmac('sha256', key).update(text).digest();
    const headers = names!
      .split(';')
      .map((name) => `${name}:${String(asked.headers[name]).trim()}\n`);
    const canonical = ['POST', '/', '', headers.join(''), names, hash(asked.text)].join('\n');
    const stamp = asked.headers['x-amz-date'] as string;
    const text = ['AWS4-HMAC-SHA256', stamp, `${date}/${scope}`, hash(canonical)].join('\n');
    let key = hmac(`AWS4${secret}`, date!);
    for (const part of scope.split('/')) key = hmac(key, part);
    return hmac(key, text).toString('hex') === signature;
  }

  const kms =
    (secret: string, token?: string) =>
    (asked: Asked): Answering => {
      const refuse = (type: string, status = 400) => ({
        status,
        json: { __type: type, message: 'free text' },
      });
      if (asked.method !== 'POST' || asked.path !== '/')
        return refuse('UnknownOperationException', 404);
      if (asked.headers['content-type'] !== 'application/x-amz-json-1.1')
        return refuse('SerializationException');
      if (!signed(asked, secret, token)) return refuse('InvalidSignatureException');
      if (ended) {
        ended = false;
        return refuse('ExpiredTokenException');
      }
      const body = asked.json() as Record<string, string> & {
        EncryptionContext?: { afar: string };
      };
      const aad = JSON.stringify(body.EncryptionContext ?? {});
      switch (asked.headers['x-amz-target']) {
        case 'TrentService.Encrypt': {
          if (body.KeyId !== arn) return refuse('NotFoundException');
          const KeyId = keys.at(-1)!;
          const blob = box(KeyId).seal(b64(body.Plaintext), aad);
          return {
            json: {
              CiphertextBlob: blob.toString('base64'),
              KeyId,
              EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
            },
          };
        }
        case 'TrentService.Decrypt':
          if (deleted.includes(body.KeyId!)) return refuse('KMSInvalidStateException');
          try {
            const bytes = box(body.KeyId!).open(b64(body.CiphertextBlob), aad);
            return {
              json: {
                KeyId: body.KeyId,
                Plaintext: bytes.toString('base64'),
                EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
              },
            };
          } catch {
            return refuse('InvalidCiphertextException');
          }
        case 'TrentService.CreateKey':
          keys.push(`${keys[0]}${keys.length}`);
          return { json: { KeyMetadata: { KeyId: `one${keys.length - 1}`, Arn: keys.at(-1) } } };
        case 'TrentService.UpdateAlias':
          return body.AliasName === 'alias/afar' ? { json: {} } : refuse('NotFoundException');
        case 'TrentService.ScheduleKeyDeletion':
          deleted.push(body.KeyId!);
          return {
            json: {
              KeyId: body.KeyId,
              DeletionDate: 1.8e9,
              KeyState: 'PendingDeletion',
              PendingWindowInDays: 7,
            },
          };
        default:
          return refuse('UnknownOperationException');
      }
    };
  beforeEach(() => {
    ended = false;
    deleted = [];
  });

  it('signs each request, binds the context, asks again when throttled', async () => {
    const server = await fake(kms('wJalrXUtnFEMI'));
    const env = {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI',
      AWS_ENDPOINT_URL_KMS: server.url,
    };
    const one = provider(`aws-kms:${arn}`, env);
    await stands(one, server, {
      status: 400,
      json: { __type: 'ThrottlingException', message: 'free text' },
    });
    server.next.push({
      status: 400,
      json: { __type: 'com.amazonaws#AccessDeniedException', Message: 'free text' },
    });
    await expect(one.wrap(plain, context)).rejects.toThrow(
      /AccessDeniedException\): allow kms:Encrypt/,
    );
  });

  it('puts another key behind the alias, and schedules the former for deletion', async () => {
    const server = await fake(kms('wJalrXUtnFEMI'));
    const env = {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI',
      AWS_ENDPOINT_URL_KMS: server.url,
    };
    const one = provider(`aws-kms:${arn}`, env);
    const wrapped = await one.wrap(plain, context);
    const made = await one.advance!();
    expect(one.versionOf!(await one.wrap(plain, context))).toBe(made);
    expect(await one.retire!(one.versionOf!(wrapped)!)).toMatch(/deletes it on 2027-01-15/);
    await expect(one.unwrap(wrapped, context)).rejects.toThrow(/pending deletion/);
    // A key named by itself is its operator's to replace.
    expect(provider(`aws-kms:${keys[0]}`, env).advance).toBeUndefined();
  });

  it('takes credentials of the instance by IMDSv2, and new ones when they ended', async () => {
    let given = 0;
    const metadata = await fake(({ method, path, headers }) => {
      if (path === '/latest/api/token')
        return method === 'PUT' && headers['x-aws-ec2-metadata-token-ttl-seconds']
          ? { text: 'imds-token' }
          : { status: 400 };
      if (headers['x-aws-ec2-metadata-token'] !== 'imds-token') return { status: 401 };
      if (path.endsWith('/security-credentials/')) return { text: 'afar-role' };
      given++;
      const Expiration = new Date(Date.now() + 3_600_000).toISOString();
      return {
        json: {
          Code: 'Success',
          AccessKeyId: 'AKIDEXAMPLE',
          SecretAccessKey: 's3',
          Token: 'session',
          Expiration,
        },
      };
    });
    const server = await fake(kms('s3', 'session'));
    const one = provider(`aws-kms:${arn}`, {
      AWS_ENDPOINT_URL_KMS: server.url,
      AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url,
    });
    const wrapped = await one.wrap(plain, context);
    expect(given).toBe(1);
    ended = true;
    expect((await one.unwrap(wrapped, context)).equals(plain)).toBe(true);
    expect(given).toBe(2);
  });

  it('takes credentials of a container, and of a web identity', async () => {
    const Expiration = new Date(Date.now() + 3_600_000).toISOString();
    const container = await fake(({ headers }) =>
      headers.authorization === 'pod-token'
        ? {
            json: {
              AccessKeyId: 'AKIDEXAMPLE',
              SecretAccessKey: 's3',
              Token: 'session',
              Expiration,
            },
          }
        : { status: 403 },
    );
    const sts = await fake(({ text }) => {
      const form = new URLSearchParams(text);
      return form.get('Action') === 'AssumeRoleWithWebIdentity' &&
        form.get('WebIdentityToken') === 'jwt'
        ? {
            text: `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials><SessionToken>session</SessionToken><SecretAccessKey>s3</SecretAccessKey><Expiration>${Expiration}</Expiration><AccessKeyId>AKIDEXAMPLE</AccessKeyId></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
          }
        : {
            status: 400,
            text: '<ErrorResponse><Error><Code>InvalidIdentityToken</Code></Error></ErrorResponse>',
          };
    });
    const server = await fake(kms('s3', 'session'));
    const sources: Record<string, string>[] = [
      {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: container.url,
        AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file('token', 'pod-token\n'),
      },
      {
        AWS_WEB_IDENTITY_TOKEN_FILE: file('jwt', 'jwt\n'),
        AWS_ROLE_ARN: 'arn:aws:iam::111122223333:role/afar',
        AWS_ENDPOINT_URL_STS: sts.url,
      },
    ];
    for (const env of sources) {
      const one = provider(`aws-kms:${arn}`, {
        ...env,
        AWS_ENDPOINT_URL_KMS: server.url,
      });
      expect((await one.unwrap(await one.wrap(plain, context), context)).equals(plain)).toBe(true);
    }
  });
});

/** AWS KMS: wraps by Encrypt and Decrypt with an encryption context [AWS KMS API Reference: Encrypt, Decrypt]. */
import { AwsClient } from 'aws4fetch';
import { KeyUnavailable } from '../errors.ts';
import type { KeyProvider } from '../provider.ts';
import { awsCredentials } from './aws-credentials.ts';
import { ask, pack, ProviderRefused, textIn, unpack } from './http.ts';
import type { Asking, Reply } from './http.ts';

const name = 'AWS KMS';

/** Errors that pass by themselves, whatever their HTTP status. */
const passing =
  /Throttling|TooManyRequests|KMSInternal|DependencyTimeout|RequestLimitExceeded|ServiceUnavailable/;
/** Credentials that ended before their time. */
const stale = /ExpiredToken|UnrecognizedClient|InvalidClientTokenId/;

const advice: Record<string, string> = {
  AccessDeniedException: 'allow kms:Encrypt and kms:Decrypt on the key to this role',
  NotFoundException: 'there is no such key in this region',
  DisabledException: 'the key is disabled',
  KMSInvalidStateException: 'the key is pending deletion or disabled',
  InvalidCiphertextException: 'wrapped by another key, or for another place',
  IncorrectKeyException: 'wrapped by another key',
};

export interface AwsKmsOptions extends Asking {
  /** ARN of a key or of an alias: the region is read from it. */
  key: string;
  env: Readonly<Record<string, string | undefined>>;
}

const typeOf = ({ body }: Reply): string => {
  const type = (body as { __type?: unknown } | undefined)?.__type;
  return typeof type === 'string' ? type.slice(type.lastIndexOf('#') + 1) : '';
};

/** @throws Error for something that is no ARN of a KMS key or alias */
export function awsKms({ key, env, ...asking }: AwsKmsOptions): KeyProvider {
  const [, region, alias] =
    /^arn:[a-z-]+:kms:([a-z0-9-]+):\d{12}:(?:key\/[\w-]+|(alias\/[\w/-]+))$/.exec(key) ?? [];
  if (!region) throw new Error('aws-kms: wants the ARN of a key or of an alias');
  const url = env.AWS_ENDPOINT_URL_KMS ?? `https://kms.${region}.amazonaws.com/`;
  const credentials = awsCredentials(env, region, asking);

  async function call(action: string, body: object): Promise<Reply> {
    const prepare = async () =>
      new AwsClient({ ...(await credentials.get()), service: 'kms', region }).sign(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.1',
          'x-amz-target': `TrentService.${action}`,
        },
        body: JSON.stringify(body),
      });
    const once = () => ask(name, prepare, asking, (reply) => passing.test(typeOf(reply)));
    let reply = await once();
    if (stale.test(typeOf(reply))) {
      credentials.drop();
      reply = await once();
    }
    if (reply.status === 200) return reply;
    const type = typeOf(reply);
    throw new ProviderRefused(name, reply.status, type, advice[type] ?? '');
  }

  const EncryptionContext = (context: string) => ({ afar: context });
  return {
    id: `aws-kms:${key}`,
    async wrap(plain, context) {
      const { body } = await call('Encrypt', {
        KeyId: key,
        Plaintext: Buffer.from(plain).toString('base64'),
        EncryptionContext: EncryptionContext(context),
      });
      const blob = Buffer.from(textIn(name, body, 'CiphertextBlob'), 'base64');
      return pack(textIn(name, body, 'KeyId'), blob);
    },
    async unwrap(wrapped, context) {
      const { version, bytes } = unpack(wrapped);
      const { body } = await call('Decrypt', {
        KeyId: version,
        CiphertextBlob: bytes.toString('base64'),
        EncryptionContext: EncryptionContext(context),
      });
      return Buffer.from(textIn(name, body, 'Plaintext'), 'base64');
    },
    versionOf: (wrapped) => unpack(wrapped).version,
    // Behind an alias there can be one key after another. A key named by itself is replaced by its operator.
    ...(alias && {
      async advance() {
        const { body } = await call('CreateKey', {
          Description: 'Afar: key-encryption key',
          KeyUsage: 'ENCRYPT_DECRYPT',
          KeySpec: 'SYMMETRIC_DEFAULT',
        });
        const made = textIn(name, body, 'KeyMetadata', 'Arn');
        await call('UpdateAlias', { AliasName: alias, TargetKeyId: made });
        return made;
      },
      async retire(version: string) {
        if (!version.startsWith('arn:')) throw new KeyUnavailable('aws-kms: no such version');
        const { body } = await call('ScheduleKeyDeletion', {
          KeyId: version,
          PendingWindowInDays: 7,
        });
        const { DeletionDate } = body as { DeletionDate?: number };
        const when = DeletionDate
          ? new Date(DeletionDate * 1000).toISOString().slice(0, 10)
          : '7 days';
        return `${version} opens nothing from now on; AWS deletes it on ${when}, until then an administrator can cancel that`;
      },
    }),
  };
}

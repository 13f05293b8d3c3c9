/** Credentials for AWS: from the environment, a web identity, the container or the instance, in the order its own tools look. */
import { readFile } from 'node:fs/promises';
import { KeyUnavailable } from '../errors.ts';
import { ask, ProviderRefused, textIn } from './http.ts';
import type { Asking } from './http.ts';

export interface AwsCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
  /** When they end, ms since epoch; absent: never. */
  until?: number;
}

type Env = Readonly<Record<string, string | undefined>>;

const name = 'AWS';
const instance = 'http://169.254.169.254';
const container = 'http://169.254.170.2';

/** Asked again five minutes before the end, as AWS's own tools do. */
const earlyMs = 5 * 60_000;

/** @param region for the web identity's STS */
export function awsCredentials(env: Env, region: string, asking: Asking) {
  let held: AwsCredentials | undefined;
  return {
    async get(): Promise<AwsCredentials> {
      if (held && (held.until === undefined || Date.now() < held.until - earlyMs)) return held;
      return (held = await find(env, region, asking));
    },
    drop(): void {
      held = undefined;
    },
  };
}

async function find(env: Env, region: string, asking: Asking): Promise<AwsCredentials> {
  const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = env;
  if (id && secret)
    return { accessKeyId: id, secretAccessKey: secret, ...(token && { sessionToken: token }) };
  if (env.AWS_WEB_IDENTITY_TOKEN_FILE && env.AWS_ROLE_ARN)
    return webIdentity(env, env.AWS_WEB_IDENTITY_TOKEN_FILE, env.AWS_ROLE_ARN, region, asking);
  const relative = env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI;
  const full = relative ? container + relative : env.AWS_CONTAINER_CREDENTIALS_FULL_URI;
  if (full) {
    const file = env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE;
    const authorization = file
      ? (await readFile(file, 'utf8')).trim()
      : env.AWS_CONTAINER_AUTHORIZATION_TOKEN;
    return fromJson(full, authorization ? { authorization } : {}, asking);
  }
  return fromInstance(env.AWS_EC2_METADATA_SERVICE_ENDPOINT ?? instance, asking);
}

async function webIdentity(
  env: Env,
  file: string,
  role: string,
  region: string,
  asking: Asking,
): Promise<AwsCredentials> {
  const url = env.AWS_ENDPOINT_URL_STS ?? `https://sts.${region}.amazonaws.com/`;
  const prepare = async () =>
    new Request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        Action: 'AssumeRoleWithWebIdentity',
        Version: '2011-06-15',
        RoleArn: role,
        RoleSessionName: env.AWS_ROLE_SESSION_NAME ?? 'afar',
        WebIdentityToken: (await readFile(file, 'utf8')).trim(),
      }),
    });
  const { status, text } = await ask(`${name} STS`, prepare, asking);
  const member = (tag: string) => new RegExp(`<${tag}>([^<]+)</${tag}>`).exec(text)?.[1];
  if (status !== 200)
    throw new ProviderRefused(`${name} STS`, status, member('Code') ?? '', 'look at AWS_ROLE_ARN');
  const [id, secret, token] = ['AccessKeyId', 'SecretAccessKey', 'SessionToken'].map(member);
  if (!id || !secret || !token)
    throw new KeyUnavailable(`${name} STS answered without credentials`);
  return {
    accessKeyId: id,
    secretAccessKey: secret,
    sessionToken: token,
    until: Date.parse(member('Expiration') ?? ''),
  };
}

async function fromJson(
  url: string,
  headers: Record<string, string>,
  asking: Asking,
): Promise<AwsCredentials> {
  const { status, body } = await ask(name, () => new Request(url, { headers }), asking);
  if (status !== 200)
    throw new ProviderRefused(
      `${name} credentials`,
      status,
      '',
      'the role of this machine has none',
    );
  return {
    accessKeyId: textIn(name, body, 'AccessKeyId'),
    secretAccessKey: textIn(name, body, 'SecretAccessKey'),
    sessionToken: textIn(name, body, 'Token'),
    until: Date.parse(textIn(name, body, 'Expiration')),
  };
}

/** IMDSv2: a session token first. */
async function fromInstance(endpoint: string, asking: Asking): Promise<AwsCredentials> {
  const session = await ask(
    `${name} instance metadata`,
    () =>
      new Request(`${endpoint}/latest/api/token`, {
        method: 'PUT',
        headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '300' },
      }),
    asking,
  );
  const headers = { 'x-aws-ec2-metadata-token': session.text };
  const roles = `${endpoint}/latest/meta-data/iam/security-credentials/`;
  const role = await ask(name, () => new Request(roles, { headers }), asking);
  if (session.status !== 200 || role.status !== 200)
    throw new KeyUnavailable(
      'no credentials for AWS: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give this machine a role',
    );
  return fromJson(roles + role.text.trim().split('\n')[0]!, headers, asking);
}

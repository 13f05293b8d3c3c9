/** The authorization server's private keys: made once, sealed, shared by every process. */
import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { aad, open, seal, type Db, type KeyRing } from '@afar/platform';
import { exportJWK, type JWK } from 'jose';

export interface SigningKeys {
  /** Private JWKs, the current one first. */
  jwks: JWK[];
  /** Secrets for the server's own cookies. */
  cookies: string[];
}

const generate = promisify(generateKeyPair);
/** Ties a secret to its place. */
export const bindSecret = (tenant: number, purpose: string, kid: string): Buffer =>
  aad('access.signing_key', tenant, purpose, kid);

/** A sealed secret by purpose, made when there is none; whichever process is first makes it. */
export async function sharedSecret(
  deps: { db: Db; keys: KeyRing; clock: { now(): number } },
  tenant: number,
  purpose: string,
  make: () => Promise<string>,
): Promise<string> {
  const { db, keys, clock } = deps;
  const kid = `${purpose}-1`;
  const key = await keys.tenant(tenant);
  for (;;) {
    const { rows } = await db.query<{ sealed: Buffer }>(
      'select sealed from access.signing_key where tenant = $1 and kid = $2',
      [tenant, kid],
    );
    if (rows[0])
      return open(rows[0].sealed, key, bindSecret(tenant, purpose, kid)).toString('utf8');
    const sealed = seal(await make(), key, bindSecret(tenant, purpose, kid));
    await db.query(
      `insert into access.signing_key (tenant, kid, purpose, sealed, created)
       values ($1, $2, $3, $4, $5) on conflict do nothing`,
      [tenant, kid, purpose, sealed, clock.now()],
    );
  }
}

async function newJwk(): Promise<string> {
  const { privateKey } = await generate('ec', { namedCurve: 'P-256' });
  const jwk = await exportJWK(privateKey);
  return JSON.stringify({ ...jwk, use: 'sig', alg: 'ES256', kid: randomBytes(8).toString('hex') });
}

export async function signingKeys(
  deps: { db: Db; keys: KeyRing; clock: { now(): number } },
  tenant: number,
): Promise<SigningKeys> {
  const random = (): Promise<string> => Promise.resolve(randomBytes(32).toString('base64url'));
  return {
    jwks: [JSON.parse(await sharedSecret(deps, tenant, 'oauth', newJwk)) as JWK],
    cookies: [await sharedSecret(deps, tenant, 'oauth-cookies', random)],
  };
}

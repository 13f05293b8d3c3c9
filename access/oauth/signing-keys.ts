/** The authorization server's private keys: made when they are due, sealed, shared by every process, published before they sign. */
import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { aad, open, seal, type Db, type KeyRing } from '@afar/platform';
import { exportJWK, type JWK } from 'jose';

export interface SigningKeys {
  /** Private JWKs: the one that signs first, then those that are published before they sign, and after. */
  jwks: JWK[];
  /** Secrets for the server's own cookies. */
  cookies: string[];
}

interface Deps {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
}

const day = 86_400_000;
/** A key signs for this long, ms: long enough that nobody notices, short enough that a stolen one is not worth much. */
const signsMs = 90 * day;
/** Every process has published a new key before one signs with it: they look this often at least, ms. */
export const lookAgainMs = 3_600_000;
const publishedBeforeMs = 2 * lookAgainMs;
/** What an old key has signed (id tokens, an hour) can still be checked, ms. */
const publishedAfterMs = day;

const generate = promisify(generateKeyPair);
/** Ties a secret to its place. */
export const bindSecret = (tenant: number, purpose: string, kid: string): Buffer =>
  aad('access.signing_key', tenant, purpose, kid);

/** A sealed secret by purpose, made when there is none; whichever process is first makes it. */
export async function sharedSecret(
  deps: Deps,
  tenant: number,
  purpose: string,
  make: () => Promise<string>,
  kid = `${purpose}-1`,
): Promise<string> {
  const { db, keys, clock } = deps;
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

const madeOf = async (
  { db }: Deps,
  tenant: number,
): Promise<{ kid: string; created: number }[]> => {
  const { rows } = await db.query<{ kid: string; created: number }>(
    `select kid, created from access.signing_key where tenant = $1 and purpose = 'oauth' order by created, kid`,
    [tenant],
  );
  return rows;
};

/** The next key, if there is none or the last one is due; every process may ask, one of them makes it. */
async function keyChain(deps: Deps, tenant: number): Promise<{ kid: string; created: number }[]> {
  const found = await madeOf(deps, tenant);
  const last = found.at(-1);
  if (last && deps.clock.now() - last.created < signsMs) return found;
  const kid = `oauth-${last ? Number(last.kid.replace('oauth-', '')) + 1 : 1}`;
  await sharedSecret(deps, tenant, 'oauth', newJwk, kid);
  return madeOf(deps, tenant);
}

export async function signingKeys(deps: Deps, tenant: number): Promise<SigningKeys> {
  const now = deps.clock.now();
  const random = (): Promise<string> => Promise.resolve(randomBytes(32).toString('base64url'));
  const all = await keyChain(deps, tenant);
  const ready = all.filter((one, at) => at === 0 || now - one.created >= publishedBeforeMs);
  const signer = ready.at(-1)!;
  // A key is still of use until the one after it has signed for as long as its last signature is good.
  const wanted = all.filter((one, at) => {
    const next = all[at + 1];
    return !next || now - next.created < publishedBeforeMs + publishedAfterMs;
  });
  const order = [signer, ...wanted.filter((one) => one !== signer).toReversed()];
  const jwks: JWK[] = [];
  for (const { kid } of order)
    jwks.push(JSON.parse(await sharedSecret(deps, tenant, 'oauth', newJwk, kid)) as JWK);
  return { jwks, cookies: [await sharedSecret(deps, tenant, 'oauth-cookies', random)] };
}

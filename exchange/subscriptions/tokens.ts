/** Binding tokens: random, hashed where they lie, for one use within a minute [backport 1.1 $get-ws-binding-token]. */
import { createHash, randomBytes } from 'node:crypto';
import type { Queryable } from '@afar/platform';

export interface Binding {
  tenant: number;
  creator: string;
  subscriptions: string[];
}

/** 256 random bits need no slow hash: nobody guesses them, and a stolen table opens nothing. */
const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();

export const looksLikeToken = (text: string): boolean => /^[\w-]{43}$/.test(text);

/** @returns the token; only its hash is kept */
export async function issueToken(
  sql: Queryable,
  { tenant, creator, subscriptions }: Binding,
  expires: number,
): Promise<string> {
  const token = randomBytes(32).toString('base64url');
  await sql.query(
    `insert into exchange.binding_token (hash, tenant, creator, subscriptions, expires) values ($1, $2, $3, $4, $5)`,
    [hashOf(token), tenant, creator, subscriptions, expires],
  );
  return token;
}

/** Uses it up. Unknown, used and expired are the same answer. */
export async function useToken(
  sql: Queryable,
  token: string,
  now: number,
): Promise<Binding | undefined> {
  const { rows } = await sql.query<Binding & { expires: number }>(
    `delete from exchange.binding_token where hash = $1 returning tenant, creator, subscriptions, expires`,
    [hashOf(token)],
  );
  const [found] = rows;
  return found && found.expires > now ? found : undefined;
}

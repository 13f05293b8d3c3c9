/** A shown address on its way to an account: one secret, an hour, one account. */
import { createHash, randomBytes } from 'node:crypto';
import { aad, open, seal, type KeyRing, type Queryable } from '@afar/platform';
import { Refusal } from '@afar/fhir';
import type { Reached } from './charts.ts';

/** Time to type the names of a family. */
const lifeMs = 60 * 60_000;

const hashOf = (proof: string): Buffer => createHash('sha256').update(proof).digest();

export const bindProof = (tenant: number, row: { hash: Buffer }): Buffer =>
  aad('enrolment.proof', tenant, row.hash.toString('hex'));

/** @returns the secret */
export async function keepProof(
  on: Queryable,
  keys: KeyRing,
  tenant: number,
  reached: Reached,
  now: number,
): Promise<string> {
  const proof = randomBytes(32).toString('base64url');
  const hash = hashOf(proof);
  const sealed = seal(
    JSON.stringify(reached),
    await keys.tenant(tenant),
    bindProof(tenant, { hash }),
  );
  await on.query(
    'insert into enrolment.proof (tenant, hash, sealed, expires) values ($1, $2, $3, $4)',
    [tenant, hash, sealed, now + lifeMs],
  );
  return proof;
}

export interface Proof extends Reached {
  /** The account that was made with it before. */
  account?: string;
}

/**
 * What a proof shows, locked until the transaction ends: the same request sent twice makes one account.
 * @throws Refusal `invalid` when there is none, or its hour is over
 */
export async function takeProof(
  on: Queryable,
  keys: KeyRing,
  tenant: number,
  proof: string,
  now: number,
): Promise<Proof> {
  const hash = hashOf(proof);
  const { rows } = await on.query<{ sealed: Buffer; account: string | null }>(
    `select sealed, account from enrolment.proof
     where tenant = $1 and hash = $2 and expires > $3 for update`,
    [tenant, hash, now],
  );
  const row = rows[0];
  if (!row)
    throw new Refusal('invalid', {
      diagnostics: 'verify your address again',
      expression: ['proof'],
    });
  const plain = open(row.sealed, await keys.tenant(tenant), bindProof(tenant, { hash }));
  const reached = JSON.parse(plain.toString('utf8')) as Reached;
  return { ...reached, ...(row.account && { account: row.account }) };
}

/** Whether an account was made with it: then its invitation is spent too, and the answer is repeated. */
export async function isSpent(on: Queryable, tenant: number, proof: string): Promise<boolean> {
  const { rowCount } = await on.query(
    'select from enrolment.proof where tenant = $1 and hash = $2 and account is not null',
    [tenant, hashOf(proof)],
  );
  return rowCount === 1;
}

export async function spendProof(
  on: Queryable,
  tenant: number,
  proof: string,
  account: string,
): Promise<void> {
  await on.query('update enrolment.proof set account = $3 where tenant = $1 and hash = $2', [
    tenant,
    hashOf(proof),
    account,
  ]);
}

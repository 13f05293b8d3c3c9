/** Idempotency keys: the same request again gets the same answer, without a second effect [RFC draft idempotency-key-header]. */
import { createHmac } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import { aad, open, seal } from '@afar/platform';
import type { Queryable } from '@afar/platform';
import type { RecordsContext } from '../context.ts';
import { idempotencyToken } from '../tokens.ts';
import type { Plan } from './plan.ts';

/** An answer is kept this long, ms: longer than any client goes on retrying. */
export const keptFor = 24 * 3_600_000;

/** What was answered, without content: it is read again as the caller, who may have lost the right to it. */
export interface Answered {
  /** One for each entry. */
  versions: { type: string; id: string; version: number; status: number }[];
}

export interface Idempotent {
  key: string;
  requestHash: Buffer;
  /** The same under index keys that were, or are about to be, the one: looked up, never written. */
  others: { key: string; requestHash: Buffer }[];
  seal(answered: Answered): NonNullable<Plan['idempotency']>;
}

/** @throws Refusal `invalid` for a key that is no key */
export async function idempotent(
  ctx: RecordsContext,
  caller: Caller,
  key: string,
  request: unknown,
): Promise<Idempotent> {
  if (key.length === 0 || key.length > 255)
    throw new Refusal('invalid', { diagnostics: 'Idempotency-Key: 1 to 255 characters' });
  const tenantKey = await ctx.keys.tenant(caller.tenant);
  const text = JSON.stringify(request);
  const under = (index: KeyObject) => ({
    key: String(idempotencyToken(index, key)),
    // Keyed: a plain hash of a short request could be guessed.
    requestHash: createHmac('sha256', index).update(text).digest(),
  });
  const { key: token, requestHash } = under(tenantKey.index);
  return {
    key: token,
    requestHash,
    others: tenantKey.others.map(under),
    seal: (answered) => ({
      caller: caller.id,
      key: token,
      requestHash,
      response: seal(JSON.stringify(answered), tenantKey, context(caller, token)),
      at: ctx.clock.now(),
    }),
  };
}

/**
 * What was answered to this key before, if anything.
 * @throws Refusal `idempotency-mismatch` (422) when it was another request
 */
export async function answeredBefore(
  ctx: RecordsContext,
  sql: Queryable,
  caller: Caller,
  { key: written, requestHash, others }: Idempotent,
): Promise<Answered | undefined> {
  const asked = [{ key: written, requestHash }, ...others];
  const { rows } = await sql.query<{
    key: number | string;
    request_hash: Buffer;
    response: Buffer;
  }>({
    name: 'records.answered',
    text: `select key, request_hash, response from records.idempotency
           where tenant = $1 and caller = $2 and key = any($3::bigint[]) and at > $4`,
    values: [caller.tenant, caller.id, asked.map((one) => one.key), ctx.clock.now() - keptFor],
  });
  const row = rows[0];
  if (!row) return undefined;
  const key = String(row.key);
  const same = asked.find((one) => one.key === key)!;
  if (!row.request_hash.equals(same.requestHash)) throw new Refusal('idempotency-mismatch');
  const tenantKey = await ctx.keys.tenant(caller.tenant);
  return JSON.parse(open(row.response, tenantKey, context(caller, key)).toString()) as Answered;
}

/** Forgets answers that are too old to be asked for. */
export async function forgetAnswers(sql: Queryable, now: number): Promise<void> {
  await sql.query({
    name: 'records.forget-answers',
    text: 'delete from records.idempotency where at < $1',
    values: [now - keptFor],
  });
}

function context(caller: Caller, key: string): Buffer {
  return aad('idempotency', caller.tenant, caller.id, key);
}

/** The same request twice is one deed: the answer is kept sealed beside the deed and said again. */
import { createHash, createHmac } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { nobody, type Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import { aad, open, seal, type Queryable } from '@afar/platform';
import type { RecordTx } from '@afar/records';
import type { FastifyRequest } from 'fastify';
import type { House } from './house.ts';

/** 24 h: longer than any client retries. */
export const idempotencyMs = 24 * 3_600_000;

/** Who asked, by which key, for what. Key and body as hashes: either may hold a name. */
export interface Deed {
  caller: string;
  tenant: number;
  key: Buffer;
  request: Buffer;
  /** The same under index keys that were, or are about to be, the one: looked up, never written. */
  others: { key: Buffer; request: Buffer }[];
}

/**
 * @param unnamed stands for a header that is missing, where a standard's own requests have none
 * @throws Refusal 'invalid' when the header is missing or unusable
 */
export async function deedOf(
  house: House,
  req: FastifyRequest,
  caller: Caller,
  unnamed?: string,
): Promise<Deed> {
  const header = req.headers['idempotency-key'] ?? unnamed;
  if (typeof header !== 'string' || !/^[\x21-\x7e]{8,128}$/.test(header))
    throw new Refusal('invalid', {
      diagnostics: 'Idempotency-Key must hold 8 to 128 printable characters',
    });
  const { index, others } = await house.keys.tenant(caller.tenant);
  const route = req.routeOptions.url ?? '';
  const body = JSON.stringify([req.method, route, req.params, req.body]);
  const under = (key: KeyObject) => ({
    key: createHmac('sha256', key).update(`visits.idempotency|${route}|${header}`).digest(),
    request: createHash('sha256').update(createHmac('sha256', key).update(body).digest()).digest(),
  });
  return { caller: caller.id, tenant: caller.tenant, ...under(index), others: others.map(under) };
}

interface Kept {
  key: Buffer;
  request: Buffer;
  patient: string;
  answer: Buffer;
}

const contextOf = (deed: Pick<Deed, 'caller' | 'key'>): string =>
  `visits.idempotency|${deed.caller}|${deed.key.toString('hex')}`;

/**
 * The answer given before to this very deed, or undefined.
 * @throws Refusal 'idempotency-mismatch' when the key came with another request
 */
export async function answeredBefore<T>(
  house: House,
  caller: Caller,
  deed: Deed,
): Promise<T | undefined> {
  const asked = [deed, ...deed.others];
  const since = house.clock.now() - idempotencyMs;
  const { rows } = await house.db.query<Kept>({
    name: 'visits.answered',
    text: `select key, request, patient, answer from visits.idempotency
      where tenant = $1 and caller = $2 and key = any($3::bytea[]) and at > $4`,
    values: [deed.tenant, deed.caller, asked.map((one) => one.key), since],
  });
  const kept = rows[0];
  if (!kept) return undefined;
  const same = asked.find((one) => one.key.equals(kept.key))!;
  if (!kept.request.equals(same.request)) throw new Refusal('idempotency-mismatch');
  const place = contextOf({ caller: deed.caller, key: kept.key });
  const text =
    kept.patient === nobody
      ? open(kept.answer, await house.keys.tenant(deed.tenant), aad(place)).toString('utf8')
      : await house.records.openFor(caller, kept.patient, place, kept.answer);
  return JSON.parse(text) as T;
}

/** Thrown inside a transaction that lost to its own twin: roll back and say the twin's answer. */
export class DoneAlready extends Error {}

/** Keeps the answer with the deed, in its transaction. @throws DoneAlready */
export async function keepAnswer(
  tx: RecordTx,
  deed: Deed,
  patient: string,
  answer: unknown,
  now: number,
): Promise<void> {
  const sealed = await tx.sealFor(patient, contextOf(deed), JSON.stringify(answer));
  await keep(tx.sql, deed, patient, sealed, now);
}

async function keep(
  sql: Queryable,
  deed: Deed,
  patient: string,
  sealed: Buffer,
  now: number,
): Promise<void> {
  const { rowCount } = await sql.query({
    name: 'visits.keep-answer',
    text: `insert into visits.idempotency as kept (tenant, caller, key, request, patient, answer, at)
      values ($1, $2, $3, $4, $5, $6, $7)
      on conflict (tenant, caller, key) do update
        set request = excluded.request, patient = excluded.patient, answer = excluded.answer, at = excluded.at
        where kept.at <= $8`,
    values: [
      deed.tenant,
      deed.caller,
      deed.key,
      deed.request,
      patient,
      sealed,
      now,
      now - idempotencyMs,
    ],
  });
  if (!rowCount) throw new DoneAlready();
}

/** Does `work` once for this key: says a kept answer again, or does it and keeps what `work` answered. */
export async function once<T>(
  house: House,
  caller: Caller,
  deed: Deed,
  work: () => Promise<T>,
): Promise<{ answer: T; replayed: boolean }> {
  const before = await answeredBefore<T>(house, caller, deed);
  if (before !== undefined) return { answer: before, replayed: true };
  try {
    return { answer: await work(), replayed: false };
  } catch (error) {
    // A twin may have been faster; if so its answer is there, whatever this one ran into.
    const twin = await answeredBefore<T>(house, caller, deed);
    if (twin !== undefined) return { answer: twin, replayed: true };
    if (error instanceof DoneAlready) throw new Refusal('conflict', { cause: error });
    throw error;
  }
}

/** Keeps an answer in the transaction it is told, if the request asked for that. */
export type Keep = (sql: Queryable, answer: unknown) => Promise<void>;

/**
 * The same for what is no patient's (rooms, closures, blocks): the answer is sealed under the tenant's key. A request without an
 * `Idempotency-Key` is done as often as it is sent.
 */
export async function onceInOffice<T>(
  house: House,
  req: FastifyRequest,
  caller: Caller,
  work: (keep: Keep) => Promise<T>,
): Promise<T> {
  if (req.headers['idempotency-key'] === undefined) return work(() => Promise.resolve());
  const deed = await deedOf(house, req, caller);
  const { answer } = await once(house, caller, deed, () =>
    work(async (sql, said) => {
      const key = await house.keys.tenant(deed.tenant);
      const sealed = seal(JSON.stringify(said), key, aad(contextOf(deed)));
      await keep(sql, deed, nobody, sealed, house.clock.now());
    }),
  );
  return answer;
}

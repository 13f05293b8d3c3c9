/** A batch or transaction as a request: run again when somebody was faster, answered once for one idempotency key. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Bundle, BundleEntry } from '@afar/fhir';
import type { StoreContext } from '../context.ts';
import { vread } from '../read/read.ts';
import { again } from '../write/again.ts';
import { AnsweredMeanwhile } from '../write/errors.ts';
import { answeredBefore, idempotent } from '../write/idempotency.ts';
import type { Answered } from '../write/idempotency.ts';
import { batch } from './batch.ts';
import { telling } from '../reach-changes.ts';
import { noteStored, nothingDisclosed } from './disclosed.ts';
import type { Disclosed } from './disclosed.ts';
import type { Ask } from './fetch.ts';
import { writtenAnswer } from './responses.ts';
import { entriesOf, transact } from './transaction.ts';
import { fhirUrlOf } from '../fhir-url.ts';

export interface BundleOptions {
  idempotencyKey?: string;
  whole?: boolean;
  /** `Prefer: return=OperationOutcome`: a word about each write. */
  outcome?: boolean;
  /** Filled with what is told beside what is written. */
  disclosed?: Disclosed;
  /** Answers entries of a batch that are more than reads and searches; without it they are refused. */
  ask?: Ask;
}

/** @throws Refusal; for a transaction the first fault, for a batch only what concerns the whole */
export async function bundleRequest(
  ctx: StoreContext,
  caller: Caller,
  bundle: Bundle,
  {
    idempotencyKey,
    whole = false,
    outcome = false,
    disclosed = nothingDisclosed(),
    ask,
  }: BundleOptions = {},
): Promise<Bundle> {
  const base = fhirUrlOf(ctx, caller.tenant);
  const wanted = { whole, outcome };
  if (bundle?.type === 'batch') {
    if (idempotencyKey !== undefined)
      throw new Refusal('not-supported', { diagnostics: 'a batch is not one request' });
    return answered(
      'batch-response',
      await batch(ctx, caller, bundle, { base, wanted, disclosed, ...(ask && { ask }) }),
    );
  }
  const entries = entriesOf(bundle, base);
  const run = (opts: Parameters<typeof transact>[4]) =>
    again(() =>
      telling(ctx, (sql) => transact(ctx, sql, caller, entries, { ...opts, wanted, disclosed }), {
        retries: 0,
      }),
    );
  if (idempotencyKey === undefined) return answered('transaction-response', await run({}));

  const key = await idempotent(ctx, caller, idempotencyKey, ['POST', bundle]);
  const replay = async ({ versions }: Answered): Promise<Bundle> => {
    const replayed: BundleEntry[] = [];
    for (const { type, id, version, status } of versions) {
      const stored = await vread(ctx, ctx.db, caller, type, id, version);
      noteStored(disclosed, stored);
      replayed.push(writtenAnswer(caller, stored, status, wanted));
    }
    return answered('transaction-response', replayed);
  };
  if (
    entries.some(
      (entry) =>
        !['POST', 'PUT', 'PATCH'].includes(entry.method) || entry.ifNoneExist || entry.params,
    )
  )
    throw new Refusal('not-supported', {
      diagnostics: 'with an idempotency key, entries create, update and patch unconditionally',
    });
  const before = await answeredBefore(ctx, ctx.db, caller, key);
  if (before) return replay(before);
  try {
    const answer = (results: readonly { type: string; id: string; version: number }[]) =>
      key.seal({
        versions: results.map(({ type, id, version }) => ({
          type,
          id,
          version,
          status: version === 1 ? 201 : 200,
        })),
      });
    return answered('transaction-response', await run({ answer }));
  } catch (error) {
    if (!(error instanceof AnsweredMeanwhile)) throw error;
    const done = await answeredBefore(ctx, ctx.db, caller, key);
    if (!done) throw new Refusal('conflict');
    return replay(done);
  }
}

function answered(type: 'batch-response' | 'transaction-response', entry: BundleEntry[]): Bundle {
  return { resourceType: 'Bundle', type, ...(entry.length > 0 && { entry }) };
}

/** The work of an export: file by file, each written whole, as what its maker may see at that very page. */
import type { Caller } from '@afar/access';
import { shape } from '@afar/fhir';
import type { DataKey } from '@afar/platform';
import type { Stored, WalkKey } from '@afar/records';
import type { Bulk } from './deps.ts';
import { filtered } from './filter.ts';
import { needsRoster, pageOf, stepsOf } from './plan.ts';
import type { Step } from './plan.ts';
import { finish, keepTurn, move, objectId, rosterOf, sealRoster, TurnLost } from './store.ts';
import type { Turn } from './store.ts';
import type { ExportRequest, FileRow } from './types.ts';

/** The maker of the job may nothing any more: the work ends. */
export class NoLongerAllowed extends Error {}

interface Work {
  bulk: Bulk;
  turn: Turn;
  request: ExportRequest;
  key: DataKey;
}

/**
 * Works until the export is done or the turn's time is over.
 * @returns true when it is done
 * @throws TurnLost, NoLongerAllowed
 */
export async function exportTurn(work: Work): Promise<boolean> {
  const { bulk, turn, request, key } = work;
  const { job } = turn;
  const until = bulk.clock.now() + bulk.limits.turnMs;
  const steps = stepsOf(request);
  const roster = await rosterFor(work);
  if (job.steps !== steps.length)
    await move(bulk, turn, { place: job.place, step: job.step, steps: steps.length });
  while (job.step < steps.length) {
    await writeFile(work, steps[job.step]!, roster, key);
    if (bulk.clock.now() >= until && job.step < steps.length) return false;
  }
  await finish(bulk, turn);
  return true;
}

/** The caller as she is now. @throws NoLongerAllowed, TurnLost */
async function present({ bulk, turn, request }: Work): Promise<Caller> {
  if (!(await keepTurn(bulk, turn))) throw new TurnLost();
  const caller = await bulk.access.standIn(request.who, `export:${turn.job.id.slice(0, 8)}`);
  if (!caller) throw new NoLongerAllowed();
  return caller;
}

/** The patients the walk goes along: fixed when the work begins, so that it has one order whatever grants come and go. */
async function rosterFor(work: Work): Promise<string[] | undefined> {
  const { bulk, turn, request, key } = work;
  const known = rosterOf(turn.job, key);
  if (known) return known;
  const caller = await present(work);
  if (!needsRoster(request, caller)) return undefined;
  const held = await bulk.records.walks.panel(caller);
  const among = held && new Set(held);
  const roster = request.patients
    ? request.patients.filter((one) => !among || among.has(one))
    : (held ?? []);
  await move(bulk, turn, {
    place: turn.job.place,
    step: turn.job.step,
    roster: sealRoster(turn.job, key, roster),
  });
  return roster;
}

interface Written {
  patients: Set<string>;
  count: number;
  bytes: number;
  /** Where the walk goes on; undefined: the step is over. */
  after?: WalkKey | undefined;
  standing: Buffer | null;
}

/** One file of one step, or the end of the step without one. */
async function writeFile(
  work: Work,
  step: Step,
  roster: readonly string[] | undefined,
  key: DataKey,
): Promise<void> {
  const { bulk, turn } = work;
  const { job } = turn;
  const number = job.place.file;
  const written: Written = {
    patients: new Set(),
    count: 0,
    bytes: 0,
    after: job.place.after,
    standing: null,
  };
  const pages = lines(work, step, roster, written);
  // A step that holds nothing makes no file: looked at before one is begun.
  const first = await pages.next();
  let file: FileRow | undefined;
  if (!first.done) {
    const id = objectId(job, number);
    const source = (async function* () {
      yield first.value;
      yield* pages;
    })();
    const { size } = await bulk.objects.put({ tenant: job.tenant, id, key }, source);
    file = {
      number,
      kind: step.deleted ? 'deleted' : 'output',
      type: step.type,
      source: job.step,
      count: written.count,
      bytes: size,
      patients: [...written.patients],
      standing: written.standing,
    };
  }
  const { after } = written;
  try {
    await move(bulk, turn, {
      place: { file: file ? number + 1 : number, ...(after && { after }) },
      step: after ? job.step : job.step + 1,
      ...(file && { file }),
    });
  } catch (error) {
    // Cancelled meanwhile: what was written after the files were swept away goes too.
    if (error instanceof TurnLost && file && !(await isOthers(work)))
      await bulk.objects.remove({ tenant: job.tenant, id: objectId(job, number) });
    throw error;
  }
}

/** Somebody else has taken the job over, and writes under the same name. */
async function isOthers({ bulk, turn: { job } }: Work): Promise<boolean> {
  const { rows } = await bulk.db.query(
    `select from exchange.bulk_job where tenant = $1 and id = $2 and state <> 'failed'`,
    [job.tenant, job.id],
  );
  return rows.length > 0;
}

/** The lines of one file, a page at a time: what is in memory is a page, whatever the file's size. */
async function* lines(
  work: Work,
  step: Step,
  roster: readonly string[] | undefined,
  written: Written,
): AsyncGenerator<Buffer, void> {
  const { bulk, turn, request } = work;
  const { limits } = bulk;
  for (;;) {
    const caller = await present(work);
    const at = { until: turn.job.made, limit: limits.page };
    const page = await pageOf(bulk.records.walks, caller, request, step, roster, written.after, at);
    const queries = step.deleted ? undefined : request.filters[step.type];
    const docs = await filtered(bulk.records, caller, step.type, queries, page.docs);
    if (docs.length > 0) {
      const owners = docs.flatMap(({ owner }) => owner ?? []);
      written.standing ??= (await bulk.records.walks.standing(caller, [])) ?? null;
      await told(work, caller, step.type, owners);
      for (const one of owners) written.patients.add(one);
      written.count += step.deleted ? 1 : docs.length;
      const chunk = step.deleted ? deletions(docs) : resources(docs, request.elements);
      written.bytes += chunk.length;
      written.after = page.next;
      yield chunk;
    }
    written.after = page.next;
    if (!page.next) return;
    if (written.count >= limits.fileResources || written.bytes >= limits.fileBytes) return;
  }
}

/** Whose data this page gives out, before it is written. */
async function told(
  { bulk, turn }: Work,
  caller: Caller,
  type: string,
  patients: string[],
): Promise<void> {
  await bulk.access.audit.append({
    tenant: caller.tenant,
    at: caller.at,
    requestId: turn.job.id,
    who: caller.id,
    role: caller.role,
    ip: caller.ip,
    verb: 'R',
    action: 'export-page',
    type,
    patients: [...new Set(patients)],
    purpose: caller.purpose,
    outcome: 0,
  });
}

const newline = Buffer.from('\n');

/** As they were sealed: JSON of one line each [ndjson]. */
function resources(docs: readonly Stored[], elements: readonly string[] | undefined): Buffer {
  return Buffer.concat(
    docs.flatMap((doc) => [
      elements ? Buffer.from(JSON.stringify(shape(doc.resource, { elements }))) : doc.json,
      newline,
    ]),
  );
}

/** [Bulk Data Access 2.0, deleted] a transaction Bundle of DELETE entries. */
function deletions(docs: readonly Stored[]): Buffer {
  const bundle = {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: docs.map(({ type, id }) => ({ request: { method: 'DELETE', url: `${type}/${id}` } })),
  };
  return Buffer.from(`${JSON.stringify(bundle)}\n`);
}

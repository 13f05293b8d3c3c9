/** The work of an import: line by line through the record store, so that a second run over the same lines changes nothing. */
import type { Caller } from '@afar/access';
import type { DataKey } from '@afar/platform';
import { OutboundError } from '../outbound/index.ts';
import type { Bulk } from './deps.ts';
import { NoLongerAllowed } from './export-run.ts';
import { faultLine, loadLines } from './import-lines.ts';
import { linesOf } from './lines.ts';
import type { Line } from './lines.ts';
import { paced } from './paced.ts';
import { finish, keepTurn, move, objectId, TurnLost } from './store.ts';
import type { Turn } from './store.ts';
import type { FileRow, ImportInput, ImportRequest, Place } from './types.ts';

/** The server that has the input does not give it. */
class NotServed extends Error {
  readonly lasting = true;
  constructor(status: number) {
    super(`the server answered ${status}`);
  }
}

interface Work {
  bulk: Bulk;
  turn: Turn;
  request: ImportRequest;
  key: DataKey;
}

/** Lines of one transaction. */
const atATime = 100;
/** Lines after which what failed is written down and the place is kept: what a killed worker has to look at again. */
const segment = 2_000;
/** 1 h: the largest input that is taken, over a slow line. */
const fetchMs = 3_600_000;
const mostRedirects = 3;
/** An input that could not be had in so many turns is given up, and said so; the others go on. */
const tries = 3;

/** @returns true when it is done. @throws TurnLost, NoLongerAllowed */
export async function importTurn(work: Work): Promise<boolean> {
  const { bulk, turn, request } = work;
  const { job } = turn;
  const until = bulk.clock.now() + bulk.limits.turnMs;
  while (job.step < request.inputs.length) {
    await takeInput(work, request.inputs[job.step]!);
    if (bulk.clock.now() >= until && job.step < request.inputs.length) return false;
  }
  // What was posted is in the store now, or told of as refused: no copy stays.
  if (request.inputs[0]?.number === 1)
    await bulk.objects.remove({ tenant: job.tenant, id: objectId(job, 1) });
  await finish(bulk, turn);
  return true;
}

async function present({ bulk, turn, request }: Work): Promise<Caller> {
  if (!(await keepTurn(bulk, turn))) throw new TurnLost();
  const caller = await bulk.access.standIn(request.who, `import:${turn.job.id.slice(0, 8)}`);
  if (!caller) throw new NoLongerAllowed();
  return caller;
}

async function takeInput(work: Work, input: ImportInput): Promise<void> {
  const { bulk, turn } = work;
  const { job } = turn;
  const done = job.place.line ?? 0;
  const state: State = { faults: [], taken: job.place.taken ?? 0, line: done };
  const fetching = new AbortController();
  // Waiting is work too: without this the lease would end under it, and the next worker would wait beside this one.
  const alive = setInterval(() => {
    keepTurn(bulk, turn).then(
      (ours) => ours || fetching.abort(),
      () => undefined,
    );
  }, bulk.limits.leaseMs / 3);
  try {
    const source = await bytesOf(work, input, fetching);
    let chunk: Line[] = [];
    let kept = done;
    for await (const line of linesOf(source, bulk.limits.lineBytes)) {
      if (line.number <= done) continue;
      chunk.push(line);
      if (chunk.length < atATime) continue;
      await load(work, input, chunk, state);
      chunk = [];
      if (state.line - kept < segment) continue;
      await keep(work, state, false);
      kept = state.line;
    }
    if (chunk.length > 0) await load(work, input, chunk, state);
  } catch (error) {
    const known = error instanceof OutboundError || error instanceof NotServed;
    if (!known || (!error.lasting && job.attempts + 1 < tries)) throw error;
    state.faults.push(faultLine(undefined, error.message));
  } finally {
    clearInterval(alive);
  }
  await keep(work, state, true);
}

interface State {
  /** OperationOutcomes since the place was kept. */
  faults: Buffer[];
  /** Resources of this input that are in the store. */
  taken: number;
  /** The last line that is done with. */
  line: number;
}

async function load(work: Work, input: ImportInput, chunk: Line[], state: State): Promise<void> {
  const { bulk, turn } = work;
  const caller = await present(work);
  const loaded = await loadLines(bulk.records, caller, chunk, {
    ...(input.type !== undefined && { type: input.type }),
    seed: `${turn.job.id} ${turn.job.step}`,
  });
  state.faults.push(...loaded.faults);
  state.taken += loaded.taken;
  state.line = chunk.at(-1)!.number;
}

/** What was posted, or what the address answers; redirects are asked of the guard like any other address. */
async function bytesOf(
  { bulk, turn: { job }, key }: Work,
  { url, number }: ImportInput,
  fetching: AbortController,
): Promise<AsyncIterable<Uint8Array>> {
  if (url === undefined)
    return bulk.objects.get({ tenant: job.tenant, id: objectId(job, number!), key });
  let at = url;
  const { paceMs } = bulk.limits;
  const giveUp = () => fetching.abort();
  for (let redirects = 0; ; redirects++) {
    // The head of the answer is waited for no longer than its parts.
    const late = setTimeout(giveUp, paceMs);
    const answer = await bulk.outbound
      .open({
        url: at,
        headers: { accept: 'application/fhir+ndjson' },
        deadlineMs: fetchMs,
        mostBytes: bulk.limits.inputBytes,
        signal: fetching.signal,
      })
      .finally(() => clearTimeout(late));
    if (answer.status === 200) return paced(answer.body, paceMs, giveUp);
    // Let go of the connection: what is not read is not wanted.
    await answer.body[Symbol.asyncIterator]().return?.();
    // What is broken there may be mended; what is refused or not there stays so.
    if (answer.status >= 500) throw new OutboundError('connect');
    const { location } = answer.headers;
    const moved = answer.status >= 300 && answer.status < 400 && redirects < mostRedirects;
    if (!moved || !location || !URL.canParse(location, at)) throw new NotServed(answer.status);
    at = new URL(location, at).href;
  }
}

/** Writes down what failed and keeps the place, with the counts when the input is over. */
async function keep(work: Work, state: State, over: boolean): Promise<void> {
  const { bulk, turn, key } = work;
  const { job } = turn;
  let { file } = job.place;
  // The posted input is file 1.
  if (file === 1 && work.request.inputs[0]?.number === 1) file = 2;
  if (state.faults.length > 0) {
    const body = state.faults;
    const id = objectId(job, file);
    const { size } = await bulk.objects.put({ tenant: job.tenant, id, key }, stream(body));
    const error = fileRow(file++, 'error', 'OperationOutcome', job.step, body.length, size);
    await move(bulk, turn, { place: placeOf(job.place, file, state), step: job.step, file: error });
    state.faults = [];
  }
  if (!over) {
    await move(bulk, turn, { place: placeOf(job.place, file, state), step: job.step });
    return;
  }
  const type = work.request.inputs[job.step]!.type ?? 'Resource';
  await move(bulk, turn, {
    place: { file: file + 1 },
    step: job.step + 1,
    file: fileRow(file, 'output', type, job.step, state.taken, 0),
  });
}

const placeOf = (place: Place, file: number, { line, taken }: State): Place => ({
  ...place,
  file,
  line,
  taken,
});

async function* stream(lines: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* lines;
}

function fileRow(
  number: number,
  kind: FileRow['kind'],
  type: string,
  source: number,
  count: number,
  bytes: number,
): FileRow {
  return { number, kind, type, source, count, bytes, patients: [], standing: null };
}

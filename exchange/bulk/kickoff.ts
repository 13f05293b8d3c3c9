/** The beginning of an export: what may be asked, what is refused, and the job that answers it. */
import { randomUUID } from 'node:crypto';
import { requireProof, stoodFor } from '@afar/access';
import type { Caller } from '@afar/access';
import type { Group } from '@afar/fhir';
import { isResourceType, Refusal, shapeOf, tryDateInterval } from '@afar/fhir';
import type { Operation, OperationAnswer, OperationCall } from '@afar/records';
import type { Bulk } from './deps.ts';
import { parseTypeFilters, requireFilters } from './filter.ts';
import { stepsOf, typesOf } from './plan.ts';
import { addJob, runningJobs } from './store.ts';
import type { ExportRequest, Request } from './types.ts';

const known = new Set(['_outputFormat', '_since', '_type', '_typeFilter', '_elements', 'patient']);
const formats = new Set(['application/fhir+ndjson', 'application/ndjson', 'ndjson']);
const definitions = 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition';

/** [Bulk Data Access 2.0] */
export function exportOperations(bulk: Bulk): Operation[] {
  const run = (call: OperationCall) => kickoff(bulk, call);
  const operation = (
    definition: string,
    on: Operation['on'],
    types?: readonly string[],
  ): Operation => ({
    name: 'export',
    definition: `${definitions}/${definition}`,
    on,
    ...(types && { types }),
    // It makes a job, and is asked for by GET all the same: so the standard has it.
    affectsState: false,
    alone: true,
    run,
  });
  return [
    operation('export', ['system']),
    operation('patient-export', ['type'], ['Patient']),
    operation('group-export', ['instance'], ['Group']),
  ];
}

async function kickoff(bulk: Bulk, call: OperationCall): Promise<OperationAnswer> {
  const { caller, evidence, fhirUrl } = call;
  requireAsync(call);
  requireKnown(call);
  // A person who takes a clinic's data out shows once more who she is; a client's key is its proof.
  requireProof(caller);
  evidence.params.push(...new Set(call.inputs.all.map(({ name }) => name)));
  const request: ExportRequest = { ...understood(call), url: addressOf(call) };
  await requireFilters(bulk.records, caller, request.filters);
  const patients = await patientsFor(bulk, call);
  if (patients) request.patients = patients;
  const steps = stepsOf(request).length;
  return accepted(bulk, caller, fhirUrl, 'export', request, steps);
}

/** 202 and where to ask how far it is [Bulk Data Access 2.0, Bulk Data Kick-off Request]. */
export async function accepted(
  bulk: Bulk,
  caller: Caller,
  fhirUrl: string,
  kind: 'export' | 'import',
  request: Request,
  steps: number,
  before: (job: { id: string; kid: string }) => Promise<void> = () => Promise.resolve(),
): Promise<OperationAnswer> {
  const { tenant, id: creator } = caller;
  if ((await runningJobs(bulk, tenant, creator)) >= bulk.limits.running)
    throw new Refusal('throttled', {
      diagnostics: `${bulk.limits.running} jobs of this caller are running`,
      headers: { 'retry-after': '30' },
    });
  const key = await bulk.keys.reserve(tenant);
  const job = { tenant, id: randomUUID(), kind, creator, steps };
  await before({ id: job.id, kid: key.kid });
  await bulk.db.tx((sql) => addJob(bulk, sql, job, key, request));
  return { status: 202, headers: { 'content-location': `${fhirUrl}/bulk/${job.id}` } };
}

const headerOf = ({ req }: OperationCall, name: string): string => String(req.headers[name] ?? '');

/** @throws Refusal `invalid`: nobody waits for an export on a line that stays open */
export function requireAsync(call: OperationCall): void {
  if (!/(?:^|[,;\s])respond-async\b/.test(headerOf(call, 'prefer')))
    throw new Refusal('invalid', { diagnostics: 'the header Prefer: respond-async is needed' });
}

/** @throws Refusal `not-supported` for what is not known, unless the client takes that (`handling=lenient`) */
function requireKnown(call: OperationCall): void {
  const lenient = /(?:^|[,;\s])handling=lenient\b/.test(headerOf(call, 'prefer'));
  for (const { name } of call.inputs.all) {
    if (known.has(name) || lenient) continue;
    const what =
      name === 'includeAssociatedData'
        ? 'includeAssociatedData is not supported: ask for Provenance by _type'
        : 'a parameter that is not supported here';
    throw new Refusal('not-supported', { diagnostics: what });
  }
}

function understood({ caller, level, type, inputs }: OperationCall): Omit<ExportRequest, 'url'> {
  const format = inputs.text('_outputFormat');
  if (format !== undefined && !formats.has(format.replace(' ', '+')))
    throw wrong('_outputFormat', 'only application/fhir+ndjson');
  const sinceText = inputs.text('_since');
  const since = sinceText === undefined ? undefined : tryDateInterval(sinceText);
  if (sinceText !== undefined && (!since || !sinceText.includes('T')))
    throw wrong('_since', 'an instant is expected');
  const types = inputs
    .texts('_type')
    .flatMap((text) => text.split(','))
    .map((one) => one.trim())
    .filter(Boolean);
  for (const one of types) if (!isResourceType(one)) throw wrong('_type', 'not a resource type');
  const elements = shapeOf(inputs.texts('_elements').map((text) => ['_elements', text] as const));
  const request = {
    kind: 'export' as const,
    who: stoodFor(caller),
    level:
      level === 'system'
        ? ('system' as const)
        : type === 'Group'
          ? ('group' as const)
          : ('patient' as const),
    ...(types.length > 0 && { types: [...new Set(types)].toSorted() }),
    // To the millisecond it means "after"; the transactionTime of the last export does.
    ...(since && { since: since.end - since.start <= 1 ? since.start + 1 : since.start }),
    ...(elements?.elements && { elements: [...elements.elements] }),
    filters: parseTypeFilters(inputs.texts('_typeFilter')),
  };
  if (typesOf(request).length === 0) throw wrong('_type', 'nothing of this is in a chart');
  return request;
}

/** The address as asked; inputs of a POST stand in its body and are not repeated. */
export function addressOf({ req, fhirUrl }: OperationCall): string {
  const sent = req.raw.url ?? '';
  const at = sent.indexOf('/fhir/R4');
  return `${fhirUrl}${at < 0 ? '' : sent.slice(at + '/fhir/R4'.length)}`;
}

/** Patients of the group, or of the list that was sent: rids, ascending. */
async function patientsFor(bulk: Bulk, call: OperationCall): Promise<string[] | undefined> {
  const { caller, inputs, type, id, level } = call;
  const named = inputs.all.filter(({ name }) => name === 'patient').map(referenceIn);
  if (named.length > 0 && level === 'system')
    throw wrong('patient', 'only with Patient/$export and Group/[id]/$export');
  const listed = named.length > 0 ? await ridsOf(bulk, caller, named, true) : undefined;
  if (type !== 'Group') return listed;
  const { resource: group } = await bulk.records.read<Group>(caller, 'Group', id!);
  const members = (group.member ?? []).flatMap(({ entity, inactive }) => {
    const found = /^Patient\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/\d+)?$/.exec(
      entity.reference ?? '',
    );
    return found && !inactive ? [found[1]!] : [];
  });
  const rids = await ridsOf(bulk, caller, members, false);
  if (!listed) return rids;
  const inGroup = new Set(rids);
  // Not a member, not there, hidden: one answer.
  if (listed.some((one) => !inGroup.has(one))) throw new Refusal('not-found');
  return listed;
}

function referenceIn(one: {
  valueReference?: { reference?: string };
  valueString?: string;
}): string {
  const text = one.valueReference?.reference ?? one.valueString ?? '';
  const found = /^(?:Patient\/)?([A-Za-z0-9\-.]{1,64})$/.exec(text);
  if (!found) throw wrong('patient', 'a reference to a Patient is expected');
  return found[1]!;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const atATime = 100;

/** @param all true: each must be there for the caller. @throws Refusal `not-found`, `too-costly` */
async function ridsOf(
  { records, limits }: Bulk,
  caller: Caller,
  ids: readonly string[],
  all: boolean,
): Promise<string[]> {
  if (ids.length > limits.patients)
    throw new Refusal('too-costly', { diagnostics: `more than ${limits.patients} patients` });
  const rids = new Set<string>();
  // An id that is no UUID is known by another name inside; whether a named one is there is asked of the store.
  const asked = ids.filter((id) => all || !uuid.test(id));
  for (const id of ids) if (!all && uuid.test(id)) rids.add(id);
  for (let from = 0; from < asked.length; from += atATime) {
    const some = asked.slice(from, from + atATime);
    const found = await Promise.all(
      some.map((id) =>
        records.read(caller, 'Patient', id).catch((error: unknown) => missing(error, all)),
      ),
    );
    for (const one of found) if (one) rids.add(one.rid);
  }
  return [...rids].toSorted();
}

function missing(error: unknown, all: boolean): undefined {
  if (!all && error instanceof Refusal && [404, 410].includes(error.status)) return undefined;
  throw error;
}

function wrong(name: string, what: string): Refusal {
  return new Refusal('invalid', { diagnostics: `${name}: ${what}`, expression: [name] });
}

/** The beginning of an import: ndjson at addresses, or posted; for administrators and programs alone. */
import { stoodFor } from '@afar/access';
import type { Caller } from '@afar/access';
import type { ParametersParameter } from '@afar/fhir';
import { isResourceType, Refusal } from '@afar/fhir';
import type { Operation, OperationAnswer, OperationCall } from '@afar/records';
import { OutboundError } from '../outbound/index.ts';
import type { Bulk } from './deps.ts';
import { accepted, addressOf, requireAsync } from './kickoff.ts';
import { objectId } from './store.ts';
import type { ImportInput, ImportRequest } from './types.ts';

export const ndjsonTypes = ['application/fhir+ndjson', 'application/ndjson'];
const mostInputs = 100;

/** [Bulk Data Import proposal, smart-on-fhir/bulk-import, ping and pull without the ping] */
export function importOperation(bulk: Bulk): Operation {
  return {
    name: 'import',
    definition: 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition/import',
    on: ['system'],
    affectsState: true,
    accepts: ndjsonTypes,
    run: (call) => kickoff(bulk, call),
  };
}

async function kickoff(bulk: Bulk, call: OperationCall): Promise<OperationAnswer> {
  const { caller, fhirUrl } = call;
  requireImporter(caller);
  requireAsync(call);
  const common = { kind: 'import' as const, who: stoodFor(caller), url: addressOf(call) };
  if (typeof call.body === 'string') {
    const posted = Buffer.from(call.body);
    if (posted.length === 0) throw wrong('the body is empty');
    // File 1 is what was posted; the work's own files come behind it.
    const request: ImportRequest = { ...common, inputs: [{ number: 1 }] };
    return accepted(bulk, caller, fhirUrl, 'import', request, 1, async ({ id, kid }) => {
      const key = await bulk.keys.byId(caller.tenant, kid);
      const source = (async function* () {
        yield posted;
      })();
      await bulk.objects.put({ tenant: caller.tenant, id: objectId({ id }, 1), key }, source);
    });
  }
  const inputs = inputsIn(call);
  await requireReachable(bulk, inputs);
  return accepted(bulk, caller, fhirUrl, 'import', { ...common, inputs }, inputs.length);
}

/** @throws Refusal `forbidden`: each line is judged by the policy besides */
function requireImporter({ role }: Caller): void {
  if (role !== 'administrator' && role !== 'system') throw new Refusal('forbidden');
}

/** The same in Parameters, and in the JSON manifest of the proposal. @throws Refusal `invalid` */
function inputsIn({ body, inputs }: OperationCall): ImportInput[] {
  const manifest = plain(body);
  const format = manifest ? manifest.inputFormat : inputs.text('inputFormat');
  if (format !== undefined && !ndjsonTypes.includes(String(format)))
    throw wrong('inputFormat: only application/fhir+ndjson');
  const listed = manifest
    ? list(manifest.input)
    : inputs.all.filter(({ name }) => name === 'input').map(partsOf);
  if (listed.length === 0) throw wrong('input: at least one is needed');
  if (listed.length > mostInputs)
    throw new Refusal('too-costly', { diagnostics: `more than ${mostInputs} inputs` });
  return listed.map((one) => {
    const { type, url } = (one ?? {}) as { type?: unknown; url?: unknown };
    if (type !== undefined && (typeof type !== 'string' || !isResourceType(type)))
      throw wrong('input.type: not a resource type');
    if (typeof url !== 'string' || url.length > 2_000)
      throw wrong('input.url: an address is needed');
    return { url, ...(type !== undefined && { type: String(type) }) };
  });
}

function plain(body: unknown): { inputFormat?: unknown; input?: unknown } | undefined {
  if (typeof body !== 'object' || body === null || 'resourceType' in body) return undefined;
  return body;
}

function list(value: unknown): unknown[] {
  if (!Array.isArray(value)) throw wrong('input: a list is expected');
  return value;
}

function partsOf({ part = [] }: ParametersParameter): { type?: unknown; url?: unknown } {
  const of = (name: string): unknown => {
    const one = part.find((given) => given.name === name);
    return one?.valueUrl ?? one?.valueUri ?? one?.valueString ?? one?.valueCode;
  };
  return { type: of('type'), url: of('url') };
}

/** @throws Refusal `invalid` for addresses that are never called; one that does not answer now may answer later */
async function requireReachable({ outbound }: Bulk, inputs: readonly ImportInput[]): Promise<void> {
  await Promise.all(
    inputs.map(async ({ url }, at) => {
      try {
        await outbound.check(url!);
      } catch (error) {
        if (!(error instanceof OutboundError)) throw error;
        if (error.lasting) throw wrong(`input[${at}].url: ${error.message}`);
      }
    }),
  );
}

function wrong(diagnostics: string): Refusal {
  return new Refusal('invalid', { diagnostics });
}

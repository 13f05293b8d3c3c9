/** `$graphql`: questions over the record store in one request [FHIR R4 graphql.html]. */
import { Refusal } from '@afar/fhir';
import type { Clock, Log } from '@afar/platform';
import type { Operation, OperationAnswer, OperationCall, Records } from '@afar/records';
import { Cost, createGate, defaultLimits } from './limits.ts';
import type { Limits } from './limits.ts';

export interface GraphqlDeps {
  records: Records;
  clock: Clock;
  log: Log;
  limits?: Partial<Limits>;
}

/** Registers the operation. The library and the schema are loaded by the first who asks. */
export function createGraphql({ records, clock, log, limits: given }: GraphqlDeps): void {
  const limits: Limits = { ...defaultLimits, ...given };
  const operation: Operation = {
    name: 'graphql',
    definition: 'http://hl7.org/fhir/OperationDefinition/Resource-graphql',
    on: ['system', 'instance'],
    affectsState: false,
    alone: true,
    accepts: ['application/graphql'],
    run: (call) => run(call),
  };

  async function run(call: OperationCall): Promise<OperationAnswer> {
    const { caller, type, id, evidence } = call;
    const asked = askedIn(call);
    const { answerTo } = await import('./execute.ts');
    const cost = new Cost(limits, () => clock.now());
    const scene = { caller, records, evidence, cost, gate: createGate(), known: new Map() };
    let root;
    if (type !== undefined && id !== undefined) {
      const stored = await records.read(caller, type, id);
      if (stored.owner) evidence.patients.push(stored.owner);
      root = stored.resource;
    }
    const body = await answerTo({ ...asked, ...(root && { root }) }, scene, { limits, log });
    return { body, contentType: 'application/json; charset=utf-8' };
  }

  records.operation(operation);
}

interface Asked {
  query: string;
  variables?: Record<string, unknown>;
  operationName?: string;
}

/** In the address, in JSON, as GraphQL's own text, or in Parameters. @throws Refusal `invalid` */
function askedIn({ body, inputs }: OperationCall): Asked {
  if (typeof body === 'string') return { query: body };
  const json =
    typeof body === 'object' && body !== null && !('resourceType' in body)
      ? (body as Record<string, unknown>)
      : undefined;
  const query = json ? json.query : inputs.text('query');
  const operationName = json ? json.operationName : inputs.text('operationName');
  const variables = json ? json.variables : variablesIn(inputs.text('variables'));
  if (typeof query !== 'string' || query.trim() === '') throw wrong('query', 'is needed');
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string')
    throw wrong('operationName', 'text is expected');
  const given = variables ?? undefined;
  if (given !== undefined && (typeof given !== 'object' || Array.isArray(given)))
    throw wrong('variables', 'an object is expected');
  return {
    query,
    ...(given !== undefined && { variables: given as Record<string, unknown> }),
    ...(typeof operationName === 'string' && { operationName }),
  };
}

function variablesIn(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw wrong('variables', 'JSON is expected');
  }
}

function wrong(name: string, what: string): Refusal {
  return new Refusal('invalid', { diagnostics: `${name}: ${what}`, expression: [name] });
}

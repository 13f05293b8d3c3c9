/** One GraphQL request: read, measured, checked, run, and answered without a word that is not the caller's. */
import { execute, GraphQLError, parse, validate } from 'graphql';
import type { DocumentNode, ExecutionResult, FragmentDefinitionNode, GraphQLSchema } from 'graphql';
import type { OperationOutcome, Resource } from '@afar/fhir';
import { outcomeOf, Refusal } from '@afar/fhir';
import type { Log } from '@afar/platform';
import { isReshaped, reshaped } from './directives.ts';
import { requireShort, tooCostly } from './limits.ts';
import type { Limits } from './limits.ts';
import { requireModest } from './shape.ts';
import type { Scene } from './resolve.ts';
import { everyType, schemaOf, typesIn } from './schema.ts';

export interface Asked {
  query: string;
  variables?: Record<string, unknown>;
  operationName?: string;
  /** At instance level: what the request is about. */
  root?: Resource;
}

export interface Answered {
  data?: unknown;
  errors?: unknown[];
}

/** Schemas by the types in them: a client asks the same few questions again and again. */
const schemas = new Map<string, GraphQLSchema>();
const mostSchemas = 30;
/** More types than this in one request are the whole standard: one schema for all who ask so. */
const mostTypes = 40;

function schemaFor(text: string, root: string | undefined): GraphQLSchema {
  const named = typesIn(text);
  const whole = /\b__(?:schema|type)\b/.test(text) || named.length > mostTypes;
  const types = whole ? everyType : named;
  const key = `${root ?? ''} ${whole ? '*' : types.join()}`;
  let schema = schemas.get(key);
  if (!schema) {
    schema = schemaOf(types, root, { whole });
    if (schemas.size >= mostSchemas) schemas.delete(schemas.keys().next().value!);
  } else schemas.delete(key);
  schemas.set(key, schema);
  return schema;
}

/** @throws Refusal `invalid`, `too-costly`: what is wrong with the question itself */
export async function answerTo(
  { query, variables, operationName, root }: Asked,
  scene: Scene,
  { limits, log }: { limits: Limits; log: Log },
): Promise<Answered> {
  if (query.length > limits.text) throw tooCostly('length');
  const document = parsed(query, limits);
  requireModest(document, limits);
  if (
    document.definitions.some(
      (one) => one.kind === 'OperationDefinition' && one.operation !== 'query',
    )
  )
    throw new Refusal('not-supported', { diagnostics: 'only queries' });
  const schema = schemaFor(query, root?.resourceType);
  const faults = validate(schema, document, undefined, { maxErrors: 20 });
  if (faults.length > 0) throw invalid(faults);
  const looked = lookKey(document, query, { variables, operationName, root });
  const known = looked === undefined ? undefined : looks.get(looked);
  if (known) return known;
  const result = (await execute({
    schema,
    document,
    rootValue: root ?? {},
    contextValue: scene,
    ...(variables && { variableValues: variables }),
    ...(operationName !== undefined && { operationName }),
  })) as ExecutionResult;
  // Nothing was run: variables that do not fit, an operation that is not there.
  if (result.data === undefined) throw invalid(result.errors ?? []);
  requireShort(result.data, limits.answer);
  const answer: Answered = {
    data: isReshaped(query) ? shapedData(result.data, document, operationName) : result.data,
    ...(result.errors && { errors: result.errors.map((error) => told(error, log)) }),
  };
  if (looked !== undefined && !result.errors) {
    if (looks.size >= mostLooks) looks.clear();
    looks.set(looked, answer);
  }
  return answer;
}

/**
 * What there is does not depend on who asks. Measured, two busy cores: the usual introspection takes 340 ms and has 10 MB;
 * each tool asks its own one, always the same.
 */
const looks = new Map<string, Answered>();
const mostLooks = 3;

/** Names a question that asks for nothing but what there is; undefined for any other. */
function lookKey(
  { definitions }: DocumentNode,
  query: string,
  { variables, operationName, root }: Omit<Asked, 'query'>,
): string | undefined {
  if (variables || root) return undefined;
  const only = definitions.every(
    (one) =>
      one.kind === 'FragmentDefinition' ||
      (one.kind === 'OperationDefinition' &&
        one.selectionSet.selections.every(
          (each) => each.kind === 'Field' && each.name.value.startsWith('__'),
        )),
  );
  return only ? `${operationName ?? ''} ${query}` : undefined;
}

function parsed(query: string, limits: Limits): DocumentNode {
  try {
    return parse(query, { maxTokens: limits.tokens, noLocation: false });
  } catch (error) {
    if (error instanceof GraphQLError) {
      if (error.message.includes('more that') || error.message.includes('more than'))
        throw tooCostly('tokens');
      throw invalid([error]);
    }
    // Nested deeper than the parser's own stack.
    if (error instanceof RangeError) throw tooCostly('depth');
    throw error;
  }
}

function shapedData(
  data: unknown,
  document: DocumentNode,
  operationName: string | undefined,
): unknown {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const one of document.definitions)
    if (one.kind === 'FragmentDefinition') fragments.set(one.name.value, one);
  const operation = document.definitions.find(
    (one) =>
      one.kind === 'OperationDefinition' &&
      (operationName === undefined || one.name?.value === operationName),
  );
  return operation?.kind === 'OperationDefinition'
    ? reshaped(data, operation.selectionSet, fragments)
    : data;
}

/** What the checker says of the document: it quotes the question, and nothing of an answer. */
function invalid(errors: readonly GraphQLError[]): Refusal {
  return new Refusal('invalid', {
    issues: errors.map(({ message, locations }) => ({
      severity: 'error',
      code: 'invalid',
      diagnostics: message.slice(0, 500),
      ...(locations && { location: locations.map(({ line, column }) => `${line}:${column}`) }),
    })),
  });
}

/** [FHIR R4 graphql.html#errors] An error with its OperationOutcome; of what is not a refusal, only that it happened. */
function told(error: GraphQLError, log: Log): unknown {
  const cause = error.originalError ?? error;
  const outcome: OperationOutcome = outcomeOf(cause).outcome;
  if (!(cause instanceof Refusal)) log.error({ err: cause }, 'a GraphQL field failed');
  return {
    message: outcome.issue[0]?.diagnostics ?? outcome.issue[0]?.details?.text ?? 'error',
    ...(error.locations && { locations: error.locations }),
    ...(error.path && { path: error.path }),
    extensions: { resource: outcome },
  };
}

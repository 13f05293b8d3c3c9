/** The routes of operations: one each for system, type and instance; the registry says what is behind them. */
import { requireCaller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { requireId, requireType } from '../checks.ts';
import { inputsOf } from '../operations/inputs.ts';
import type { Operation, OperationLevel } from '../operations/operation.ts';
import type { Operations } from '../operations/registry.ts';
import { sendEmpty, sendJson } from './answers.ts';
import { isStrict, speaksJson } from './negotiate.ts';

interface Place {
  type?: string;
  id?: string;
  operation: string;
}

const levels: readonly [OperationLevel, string][] = [
  ['system', ''],
  ['type', '/:type'],
  ['instance', '/:type/:id'],
];

/** Text bodies of operations that speak something else than FHIR. */
const textual = ['application/graphql', 'application/fhir+ndjson', 'application/ndjson'];

/** Larger than any operation of the standard needs but `$import`, which takes addresses. */
const mostBody = 8 * 1024 * 1024;

/** [FHIR R4 operations.html#executing] */
export function operationRoutes(
  app: FastifyInstance,
  { operations, fhirUrl }: { operations: Operations; fhirUrl(this: void, tenant: number): string },
): void {
  app.addContentTypeParser(textual, { parseAs: 'string' }, (_req, text, done) => done(null, text));
  for (const [level, at] of levels)
    for (const method of ['GET', 'POST'] as const)
      app.route({
        method,
        url: `${at}/:operation(^\\$[a-z][a-z0-9-]*$)`,
        bodyLimit: mostBody,
        handler: (req, reply) => {
          call(req, reply, level).catch((error: unknown) => reply.send(error));
        },
      });

  async function call(
    req: FastifyRequest,
    reply: FastifyReply,
    level: OperationLevel,
  ): Promise<void> {
    const place = req.params as Place;
    const { type, id } = place;
    const name = place.operation.slice(1);
    speaksJson(req);
    if (type !== undefined) requireType(type);
    if (id !== undefined) requireId(id);
    const operation = operations.find(name, level, type);
    if (!operation) throw new Refusal('not-found', { diagnostics: 'no such operation here' });
    Object.assign(req.evidence, { action: name, verb: 'E', ...(type && { type }) });
    if (id) req.evidence.rid = id;
    if (req.method === 'GET' && operation.affectsState)
      throw new Refusal('not-allowed', { headers: { allow: 'POST' } });
    if (req.method === 'POST') requireBody(req, operation);
    const caller = requireCaller(req);
    const inputs = inputsOf(queryOf(req), req.body);
    const answer = await operation.run({
      caller,
      level,
      ...(type !== undefined && { type }),
      ...(id !== undefined && { id }),
      inputs,
      body: req.body,
      strict: isStrict(req),
      evidence: req.evidence,
      fhirUrl: fhirUrl(caller.tenant),
      req,
    });
    for (const [header, value] of Object.entries(answer.headers ?? {})) reply.header(header, value);
    if (answer.body === undefined) return sendEmpty(reply, answer.status ?? 200);
    sendJson(reply, answer.body, answer.status ?? 200, answer.contentType);
  }
}

/** @throws Refusal `unsupported-media` (415) */
function requireBody(req: FastifyRequest, operation: Operation): void {
  const sent = (req.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  // [FHIR R4 operations.html#executing] a POST without inputs may come without a body.
  if (sent === '' && req.body === undefined) return;
  const taken = ['application/fhir+json', 'application/json', ...(operation.accepts ?? [])];
  if (!taken.includes(sent))
    throw new Refusal('unsupported-media', { diagnostics: `expected: ${taken.join(', ')}` });
}

function queryOf(req: FastifyRequest): [string, string][] {
  const mark = req.raw.url?.indexOf('?') ?? -1;
  return mark < 0 ? [] : [...new URLSearchParams(req.raw.url!.slice(mark + 1))];
}

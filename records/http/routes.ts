/** The FHIR endpoints, each a list of named checks and what comes after them. Mounted at /fhir/R4. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '@afar/access';
import { requireCaller } from '@afar/access';
import type { Bundle, Resource } from '@afar/fhir';
import { Refusal } from '@afar/fhir';
import { bodyLimits } from '@afar/platform';
import { requireType } from '../checks.ts';
import type { StoreContext } from '../context.ts';
import type { Operations } from '../operations/registry.ts';
import type { Search } from '../search/index.ts';
import { jsonOf, namesForTrail, patientsIn } from '../search/index.ts';
import type { PatchOperation, Records, Stored } from '../types.ts';
import { nothingDisclosed } from '../bundle/disclosed.ts';
import { bundleRequest } from '../bundle/request.ts';
import { createRequest, removeRequest } from '../write/requests.ts';
import { sendEmpty, sendJson, sendVersion, sendWritten } from './answers.ts';
import { capabilities } from './capabilities.ts';
import { historyBundle } from './history-bundle.ts';
import { operationRoutes } from './operation-routes.ts';
import { bodyIs, headerOf, isStrict, preferredReturn, speaksJson } from './negotiate.ts';

export interface RoutesDeps {
  ctx: StoreContext;
  records: Records;
  search: Search;
  operations: Operations;
  /** Tells the change feed of a commit. */
  poke(): void;
}

interface Params {
  type: string;
  id: string;
  version: string;
}

type Check = (req: FastifyRequest) => void;
/** Sends its answer itself (answers.ts). */
type Handler = (req: FastifyRequest, reply: FastifyReply, caller: Caller) => Promise<void>;

const paramsOf = (req: FastifyRequest): Params => req.params as Params;
const knownType: Check = (req) => requireType(paramsOf(req).type);
const fhirBody = bodyIs('application/fhir+json', 'application/json');
const patchBody = bodyIs('application/json-patch+json');
const formBody = bodyIs('application/x-www-form-urlencoded');

/** Fills the request's audit evidence as far as the address tells. */
function notes(action: string): Check {
  return (req) => {
    const { type, id } = paramsOf(req);
    Object.assign(req.evidence, { action, type, ...(id && { rid: id }) });
  };
}

/** A version that leaves the house: whose it is. */
function disclose(req: FastifyRequest, ...all: Stored[]): void {
  for (const { owner } of all) if (owner) req.evidence.patients.push(owner);
  const [first] = all;
  if (first && all.length === 1) req.evidence.rid = first.rid;
}

/** A write's event was written in its own transaction; a condition that matched, or a repeated answer, only read. */
function recorded(req: FastifyRequest, stored: Stored): void {
  disclose(req, stored);
  req.evidence.recorded = stored.written === true;
}

function paramsIn(req: FastifyRequest): [string, string][] {
  const mark = req.raw.url?.indexOf('?') ?? -1;
  return mark < 0 ? [] : [...new URLSearchParams(req.raw.url!.slice(mark + 1))];
}

export function fhirPlugin(app: FastifyInstance, deps: RoutesDeps): void {
  const { ctx, records, search } = deps;
  const fhirUrl = `${ctx.baseUrl}/fhir/R4`;

  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_req, text, done) => done(null, [...new URLSearchParams(text as string)]),
  );

  const endpoint = (
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    checks: readonly Check[],
    handler: Handler,
    bodyLimit?: number,
  ): void => {
    app.route({
      method,
      url,
      ...(bodyLimit !== undefined && { bodyLimit }),
      // No promise for the framework to wait for: the answer is sent by the handler.
      handler: (req, reply) => {
        for (const check of checks) check(req);
        // Asked for last, so that it is the one that gives the handler its caller.
        handler(req, reply, requireCaller(req)).catch((error: unknown) => reply.send(error));
      },
    });
  };

  const readOne: Handler = async (req, reply, caller) => {
    const { type, id } = paramsOf(req);
    const stored = await records.read(caller, type, id);
    disclose(req, stored);
    return sendVersion(req, reply, stored);
  };

  const readVersion: Handler = async (req, reply, caller) => {
    const { type, id, version } = paramsOf(req);
    if (!/^\d{1,9}$/.test(version)) throw new Refusal('not-found');
    const stored = await records.vread(caller, type, id, Number(version));
    disclose(req, stored);
    return sendVersion(req, reply, stored);
  };

  const readHistory: Handler = async (req, reply, caller) => {
    const { type, id } = paramsOf(req);
    const query = new Map(paramsIn(req));
    const count = Math.min(Math.max(Number(query.get('_count')) || 50, 1), 200);
    const before = Number(query.get('_before')) || undefined;
    const page = await records.history(caller, type, id, { count, before });
    disclose(req, ...page.entries);
    return sendJson(reply, historyBundle(page, { fhirUrl, type, id, count }));
  };

  const searchType = async (
    req: FastifyRequest,
    reply: FastifyReply,
    caller: Caller,
    params: [string, string][],
  ): Promise<void> => {
    req.evidence.verb = 'E';
    req.evidence.params.push(...namesForTrail(paramsOf(req).type, params));
    const asked = params.filter(([name]) => name !== '_format');
    const answer = await search.answer(caller, paramsOf(req).type, asked, {
      strict: isStrict(req),
    });
    req.evidence.patients.push(...patientsIn(answer));
    return sendJson(reply, jsonOf(answer));
  };

  const createOne: Handler = async (req, reply, caller) => {
    const resource = bodyOf(req);
    requireSameType(resource, paramsOf(req).type);
    const stored = await createRequest(ctx, caller, resource, {
      ifNoneExist: headerOf(req, 'if-none-exist'),
      idempotencyKey: headerOf(req, 'idempotency-key'),
    });
    deps.poke();
    recorded(req, stored);
    return sendWritten(req, reply, caller, stored, fhirUrl);
  };

  const updateOne: Handler = async (req, reply, caller) => {
    const resource = bodyOf(req);
    const { type, id } = paramsOf(req);
    requireSameType(resource, type);
    // [FHIR R4 http.html#update] the body names the id of the address.
    if (resource.id !== id)
      throw new Refusal('invalid', {
        diagnostics: 'the id of the body is not the one of the address',
        expression: [`${type}.id`],
      });
    const stored = await records.update(caller, resource, { ifMatch: headerOf(req, 'if-match') });
    recorded(req, stored);
    return sendWritten(req, reply, caller, stored, fhirUrl);
  };

  const patchOne: Handler = async (req, reply, caller) => {
    const { type, id } = paramsOf(req);
    const operations = req.body as PatchOperation[];
    const ifMatch = headerOf(req, 'if-match');
    const stored = await records.patch(caller, type, id, operations, { ifMatch });
    recorded(req, stored);
    return sendWritten(req, reply, caller, stored, fhirUrl);
  };

  const deleteOne: Handler = async (req, reply, caller) => {
    const { type, id } = paramsOf(req);
    const ifMatch = headerOf(req, 'if-match');
    const stored = await removeRequest(ctx, caller, { type, id }, { ifMatch });
    deps.poke();
    recorded(req, stored);
    sendEmpty(reply, 204);
  };

  const takeBundle: Handler = async (req, reply, caller) => {
    const bundle = bodyOf(req) as Bundle;
    req.evidence.action = bundle?.type === 'batch' ? 'batch' : 'transaction';
    const disclosed = nothingDisclosed();
    const answer = await bundleRequest(ctx, caller, bundle, {
      idempotencyKey: headerOf(req, 'idempotency-key'),
      whole: preferredReturn(req) === 'representation',
      disclosed,
    });
    req.evidence.patients.push(...disclosed.patients);
    req.evidence.params.push(...disclosed.params);
    deps.poke();
    return sendJson(reply, answer);
  };

  app.get('/metadata', (req, reply) => {
    speaksJson(req);
    req.evidence.action = 'capabilities';
    sendJson(reply, capabilities(ctx, deps.operations));
  });

  operationRoutes(app, { operations: deps.operations, fhirUrl });
  endpoint('GET', '/:type/:id', [speaksJson, notes('read'), knownType], readOne);
  endpoint(
    'GET',
    '/:type/:id/_history/:version',
    [speaksJson, notes('vread'), knownType],
    readVersion,
  );
  endpoint('GET', '/:type/:id/_history', [speaksJson, notes('history'), knownType], readHistory);
  endpoint('GET', '/:type', [speaksJson, notes('search'), knownType], (req, reply, caller) =>
    searchType(req, reply, caller, paramsIn(req)),
  );
  // [FHIR R4 search.html#http] what the web app uses: nothing of the question is in an address.
  endpoint(
    'POST',
    '/:type/_search',
    [speaksJson, notes('search'), formBody, knownType],
    (req, reply, caller) =>
      searchType(req, reply, caller, [
        ...paramsIn(req),
        ...((req.body ?? []) as [string, string][]),
      ]),
  );
  endpoint('POST', '/:type', [speaksJson, notes('create'), fhirBody, knownType], createOne);
  endpoint('PUT', '/:type/:id', [speaksJson, notes('update'), fhirBody, knownType], updateOne);
  endpoint('PATCH', '/:type/:id', [speaksJson, notes('patch'), patchBody, knownType], patchOne);
  endpoint('DELETE', '/:type/:id', [speaksJson, notes('delete'), knownType], deleteOne);
  endpoint('POST', '/', [speaksJson, fhirBody], takeBundle, bodyLimits.bundle);
}

function bodyOf(req: FastifyRequest): Resource {
  if (typeof req.body !== 'object' || req.body === null || Array.isArray(req.body))
    throw new Refusal('invalid', { diagnostics: 'a resource is expected' });
  return req.body as Resource;
}

/** @throws Refusal `invalid`: the address says what is stored */
function requireSameType(resource: Resource, type: string): void {
  if (resource.resourceType !== type)
    throw new Refusal('invalid', {
      diagnostics: `a ${type} is expected at this address`,
      expression: ['resourceType'],
    });
}

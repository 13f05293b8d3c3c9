/** Endpoints that write: create, update, patch, delete, each also by a condition; batch and transaction [FHIR R4 http.html]. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Caller } from '@afar/access';
import type { Bundle, Resource } from '@afar/fhir';
import { Refusal } from '@afar/fhir';
import { bodyLimits } from '@afar/platform';
import { nothingDisclosed } from '../bundle/disclosed.ts';
import { bundleRequest } from '../bundle/request.ts';
import { namesForTrail } from '../search/index.ts';
import type { Patch, Stored, UpdateOptions } from '../types.ts';
import {
  conditionalPatchRequest,
  conditionalRemoveRequest,
  conditionalUpdateRequest,
  createRequest,
  removeRequest,
} from '../write/requests.ts';
import { sendDeleted, sendJson, sendWritten } from './answers.ts';
import { askInside } from './asked-inside.ts';
import { binaryRoutes } from './binary.ts';
import {
  bodyOf,
  disclose,
  knownType,
  notes,
  paramsIn,
  paramsOf,
  recorded,
  requireSameType,
} from './endpoint.ts';
import type { Check, Handler, Routes } from './endpoint.ts';
import { bodyIs, headerOf, preferredReturn, speaksJson } from './negotiate.ts';

const fhirBody = bodyIs('application/fhir+json', 'application/json');
/** JSON Patch says so by its type; FHIRPath Patch is a Parameters resource [FHIR R4 http.html#patch]. */
const patchBody = bodyIs('application/json-patch+json', 'application/fhir+json');

function preconditions(req: FastifyRequest): UpdateOptions {
  return { ifMatch: headerOf(req, 'if-match'), ifNoneMatch: headerOf(req, 'if-none-match') };
}

/** @throws Refusal `unsupported-media` for a resource that is no Parameters: it would be an update */
function patchOf(req: FastifyRequest): Patch {
  const isJsonPatch = headerOf(req, 'content-type')?.startsWith('application/json-patch+json');
  if (!isJsonPatch && (req.body as Partial<Resource> | null)?.resourceType !== 'Parameters')
    throw new Refusal('unsupported-media', { diagnostics: 'a patch is a Parameters resource' });
  return req.body as Patch;
}

/** Criteria of an address; their names go to the trail, as those of a search. */
function conditionIn(req: FastifyRequest): [string, string][] {
  const query = paramsIn(req);
  req.evidence.params.push(...namesForTrail(paramsOf(req).type, query));
  return query;
}

export function writingRoutes(app: FastifyInstance, routes: Routes): void {
  const { endpoint, ctx, records, fhirUrl, poke } = routes;

  function written(req: FastifyRequest, reply: FastifyReply, caller: Caller, stored: Stored): void {
    poke();
    recorded(req, stored);
    sendWritten(req, reply, caller, stored, fhirUrl(caller.tenant));
  }

  const createOne: Handler = async (req, reply, caller) => {
    const resource = bodyOf(req);
    requireSameType(resource, paramsOf(req).type);
    const stored = await createRequest(ctx, caller, resource, {
      ifNoneExist: headerOf(req, 'if-none-exist'),
      idempotencyKey: headerOf(req, 'idempotency-key'),
    });
    written(req, reply, caller, stored);
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
    written(req, reply, caller, await records.update(caller, resource, preconditions(req)));
  };

  const updateMatch: Handler = async (req, reply, caller) => {
    const resource = bodyOf(req);
    requireSameType(resource, paramsOf(req).type);
    const query = conditionIn(req);
    const options = preconditions(req);
    const stored = await conditionalUpdateRequest(ctx, caller, query, resource, options);
    written(req, reply, caller, stored);
  };

  const patchOne: Handler = async (req, reply, caller) => {
    const { type, id } = paramsOf(req);
    const stored = await records.patch(caller, type, id, patchOf(req), preconditions(req));
    written(req, reply, caller, stored);
  };

  const patchMatch: Handler = async (req, reply, caller) => {
    const { type } = paramsOf(req);
    const what = { type, query: conditionIn(req), operations: patchOf(req) };
    const stored = await conditionalPatchRequest(ctx, caller, what, preconditions(req));
    written(req, reply, caller, stored);
  };

  const deleteOne: Handler = async (req, reply, caller) => {
    const { type, id } = paramsOf(req);
    const ifMatch = headerOf(req, 'if-match');
    const stored = await removeRequest(ctx, caller, { type, id }, { ifMatch });
    poke();
    recorded(req, stored);
    sendDeleted(req, reply, [stored]);
  };

  const deleteMatches: Handler = async (req, reply, caller) => {
    const { type } = paramsOf(req);
    const what = { type, query: conditionIn(req) };
    const gone = await conditionalRemoveRequest(ctx, caller, what);
    poke();
    disclose(req, ...gone);
    // Each has left its event in the transaction; that nothing matched leaves one of its own.
    req.evidence.recorded = gone.length > 0;
    sendDeleted(req, reply, gone);
  };

  const takeBundle: Handler = async (req, reply, caller) => {
    const bundle = bodyOf(req) as Bundle;
    req.evidence.action = bundle?.type === 'batch' ? 'batch' : 'transaction';
    const disclosed = nothingDisclosed();
    const wanted = preferredReturn(req);
    const answer = await bundleRequest(ctx, caller, bundle, {
      idempotencyKey: headerOf(req, 'idempotency-key'),
      whole: wanted === 'representation',
      outcome: wanted === 'OperationOutcome',
      disclosed,
      ask: askInside(routes, req),
    });
    req.evidence.patients.push(...disclosed.patients);
    req.evidence.params.push(...disclosed.params);
    poke();
    sendJson(reply, answer);
  };

  const named = (action: string, ...more: Check[]): Check[] => [
    speaksJson,
    notes(action),
    ...more,
    knownType,
  ];
  binaryRoutes(app, { create: createOne, update: updateOne }, (action) => named(action));
  endpoint('POST', '/:type', named('create', fhirBody), createOne);
  endpoint('PUT', '/:type/:id', named('update', fhirBody), updateOne);
  endpoint('PUT', '/:type', named('update', fhirBody), updateMatch);
  endpoint('PATCH', '/:type/:id', named('patch', patchBody), patchOne);
  endpoint('PATCH', '/:type', named('patch', patchBody), patchMatch);
  endpoint('DELETE', '/:type/:id', named('delete'), deleteOne);
  endpoint('DELETE', '/:type', named('delete'), deleteMatches);
  endpoint('POST', '/', [speaksJson, fhirBody], takeBundle, bodyLimits.bundle);
}

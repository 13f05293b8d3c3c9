/** What an entry of a batch asks that is no read and no search of a type: histories, operations, compartments [FHIR R4 http.html#brules]. */
import type { Evidence } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { Resource } from '@afar/fhir';
import type { FastifyRequest } from 'fastify';
import type { Ask } from '../bundle/fetch.ts';
import { noteStored } from '../bundle/disclosed.ts';
import { requireId } from '../checks.ts';
import { inputsOf } from '../operations/inputs.ts';
import type { OperationLevel } from '../operations/operation.ts';
import { bundleOf, namesForTrail, ofCompartment, ofSystem, patientsIn } from '../search/index.ts';
import type { Routes } from './endpoint.ts';
import { historyAnswer } from './history.ts';
import { isStrict } from './negotiate.ts';

/** Each under the same policy, and told to the trail, as the request it would be alone. */
export function askInside(routes: Routes, req: FastifyRequest): Ask {
  const { search, operations, fhirUrl } = routes;
  return async (caller, { type, id, asks, params = [], resource, method }, disclosed) => {
    if (!asks) throw new Refusal('not-supported');
    const place = { ...(type && { type }), ...(id !== undefined && { id }) };
    if (id !== undefined) requireId(id);
    switch (asks.kind) {
      case 'history': {
        const { bundle, entries } = await historyAnswer(routes, caller, place, params, false);
        for (const one of entries) noteStored(disclosed, one);
        return bundle;
      }
      case 'operation': {
        const level: OperationLevel = id !== undefined ? 'instance' : type ? 'type' : 'system';
        const operation = operations.find(asks.name, level, type);
        if (!operation) throw new Refusal('not-found', { diagnostics: 'no such operation here' });
        if (operation.affectsState || operation.alone)
          throw new Refusal('not-supported', { diagnostics: 'this operation is asked alone' });
        const evidence: Evidence = { patients: [], params: [], recorded: false };
        const body = method === 'POST' ? resource : undefined;
        const inputs = inputsOf(params, body);
        const strict = isStrict(req);
        const base = fhirUrl(caller.tenant);
        const asked = { caller, level, ...place, inputs, body, strict, evidence };
        const call = { ...asked, fhirUrl: base, req };
        try {
          return (await operation.run(call)).body as Resource;
        } finally {
          for (const one of evidence.patients) disclosed.patients.add(one);
          for (const one of evidence.params) disclosed.params.add(one);
        }
      }
      default: {
        const at = asks.kind === 'system' ? ofSystem() : ofCompartment(type, id!, asks.name);
        const sent = params.filter(([name]) => name !== '_format' && name !== '_pretty');
        for (const name of namesForTrail(at.all, sent)) disclosed.params.add(name);
        const answer = await search.answer(caller, at, sent);
        for (const one of patientsIn(answer)) disclosed.patients.add(one);
        return bundleOf(answer);
      }
    }
  };
}

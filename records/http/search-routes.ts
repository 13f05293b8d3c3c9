/** Searches of more than one type's endpoint: of compartments, and of all types [FHIR R4 http.html#vsearch, #search]. */
import type { Caller } from '@afar/access';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { requireId } from '../checks.ts';
import { jsonOf, namesForTrail, ofCompartment, ofSystem, patientsIn } from '../search/index.ts';
import type { Place } from '../search/index.ts';
import { sendJson } from './answers.ts';
import { knownType, paramsIn } from './endpoint.ts';
import type { Check, Routes } from './endpoint.ts';
import { bodyIs, isStrict, speaksJson } from './negotiate.ts';

type Sent = [string, string][];
type PlaceOf = (req: FastifyRequest) => Place;

const formBody = bodyIs('application/x-www-form-urlencoded');

/** The trail names the type only where there is one. */
const searches: Check = (req) => {
  const { within } = req.params as { within?: string };
  Object.assign(req.evidence, {
    action: 'search',
    verb: 'E',
    ...(within && within !== '*' && { type: within }),
  });
};

const inCompartment: PlaceOf = (req) => {
  const { type, id, within } = req.params as { type: string; id: string; within: string };
  requireId(id);
  return ofCompartment(type, id, within);
};

const inAll: PlaceOf = () => ofSystem();

export function searchRoutes({ endpoint, search }: Routes): void {
  const searching =
    (placeOf: PlaceOf) =>
    async (req: FastifyRequest, reply: FastifyReply, caller: Caller): Promise<void> => {
      const form = req.method === 'POST' ? ((req.body ?? []) as Sent) : [];
      const sent = [...paramsIn(req), ...form].filter(
        ([name]) => name !== '_format' && name !== '_pretty',
      );
      const place = placeOf(req);
      req.evidence.params.push(...namesForTrail(place.all, sent));
      const answer = await search.answer(caller, place, sent, { strict: isStrict(req) });
      req.evidence.patients.push(...patientsIn(answer));
      sendJson(reply, jsonOf(answer));
    };

  endpoint('GET', '/', [speaksJson, searches], searching(inAll));
  endpoint('POST', '/_search', [speaksJson, searches, formBody], searching(inAll));
  const compartment = '/:type/:id/:within';
  endpoint('GET', compartment, [speaksJson, knownType, searches], searching(inCompartment));
  endpoint(
    'POST',
    `${compartment}/_search`,
    [speaksJson, knownType, searches, formBody],
    searching(inCompartment),
  );
}

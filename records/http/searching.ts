/** Endpoints of search, by address and by form [FHIR R4 search.html]. */
import type { Caller } from '@afar/access';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { jsonOf, namesForTrail, patientsIn } from '../search/index.ts';
import { sendJson } from './answers.ts';
import { knownType, notes, paramsIn, paramsOf } from './endpoint.ts';
import type { Routes } from './endpoint.ts';
import { bodyIs, isStrict, speaksJson } from './negotiate.ts';

const formBody = bodyIs('application/x-www-form-urlencoded');

export function searchingRoutes({ endpoint, search }: Routes): void {
  async function searchType(
    req: FastifyRequest,
    reply: FastifyReply,
    caller: Caller,
    params: [string, string][],
  ): Promise<void> {
    req.evidence.verb = 'E';
    req.evidence.params.push(...namesForTrail(paramsOf(req).type, params));
    const asked = params.filter(([name]) => name !== '_format' && name !== '_pretty');
    const answer = await search.answer(caller, paramsOf(req).type, asked, {
      strict: isStrict(req),
    });
    req.evidence.patients.push(...patientsIn(answer));
    sendJson(reply, jsonOf(answer));
  }

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
}

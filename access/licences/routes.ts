/** /api/licences and /api/office/licences: a clinician enters hers, an administrator who did not enter it decides. */
import { Refusal } from '@afar/fhir';
import type { FastifyInstance } from 'fastify';
import { isUuid } from '../ids.ts';
import { clinicalRoles } from '../caller.ts';
import { requireFresh, requireRole } from '../may.ts';
import type {
  DecideLicenceRequest,
  Licence,
  LicenceList,
  MyLicences,
  SubmitLicenceRequest,
} from './contract.ts';
import type { LicenceOffice } from './licences.ts';
import type { Standings } from './standing.ts';

const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength });

const submitSchema = {
  body: {
    type: 'object',
    properties: {
      account: { type: 'string', format: 'uuid' },
      number: text(100),
      authority: text(200),
      profession: text(100),
      jurisdictions: { type: 'array', items: text(6), minItems: 1, maxItems: 60 },
      lastDay: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\d$' },
    },
    required: ['number', 'authority', 'profession', 'jurisdictions', 'lastDay'],
    additionalProperties: false,
  },
};

const decideSchema = {
  body: {
    type: 'object',
    properties: {
      decision: { type: 'string', enum: ['verify', 'reject', 'suspend', 'restore'] },
      reason: text(1000),
    },
    required: ['decision'],
    additionalProperties: false,
  },
};

const listSchema = {
  querystring: {
    type: 'object',
    properties: {
      view: { type: 'string', enum: ['waiting', 'ending', 'all'], default: 'waiting' },
    },
    additionalProperties: false,
  },
};

export function licenceRoutes(
  http: FastifyInstance,
  { office, standings }: { office: LicenceOffice; standings: Standings },
): void {
  http.get<{ Reply: MyLicences }>('/api/licences/mine', async (req) => {
    req.evidence.action = 'my-licences';
    const caller = requireRole(req, ...clinicalRoles);
    const practitioner = caller.fhirUser?.id;
    const ends = practitioner ? await standings.until(caller.tenant, practitioner) : 0;
    return {
      required: standings.asks(caller.role),
      inForce: ends > caller.at,
      licences: await office.of(caller, caller.id),
    };
  });

  http.post<{ Body: SubmitLicenceRequest; Reply: Licence }>(
    '/api/licences',
    { schema: submitSchema },
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'submit-licence', verb: 'C' });
      const caller = requireRole(req, 'administrator', ...clinicalRoles);
      const { account = caller.id, ...words } = req.body;
      if (caller.role !== 'administrator' && account !== caller.id) throw new Refusal('forbidden');
      const made = await office.submit(caller, account, words);
      req.evidence.rid = made.id;
      void reply.code(201);
      return made;
    },
  );

  http.get<{ Querystring: { view: 'waiting' | 'ending' | 'all' }; Reply: LicenceList }>(
    '/api/office/licences',
    { schema: listSchema },
    async (req) => {
      req.evidence.action = 'list-licences';
      const caller = requireRole(req, 'administrator');
      return { licences: await office.list(caller, req.query.view) };
    },
  );

  http.post<{ Params: { id: string }; Body: DecideLicenceRequest; Reply: Licence }>(
    '/api/office/licences/:id/decide',
    { schema: decideSchema },
    async (req) => {
      Object.assign(req.evidence, { action: `${req.body.decision}-licence`, verb: 'E' });
      requireRole(req, 'administrator');
      const caller = requireFresh(req);
      const { id } = req.params;
      if (!isUuid(id)) throw new Refusal('not-found');
      req.evidence.rid = id;
      return office.decide(caller, id, req.body);
    },
  );
}

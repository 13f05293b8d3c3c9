/** /api/readers: the patient (and who acts for her) sees who was in her record and why, and says so when it looks wrong. */
import { requireRole, type Caller } from '@afar/access';
import type { ReaderPage, ReaderReport } from '@afar/access/contract';
import { Refusal } from '@afar/fhir';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { SharingDeps } from '../create-sharing.ts';

const uuid = { type: 'string', format: 'uuid' };
const day = { type: 'integer', minimum: 0, maximum: 1_000_000 };

const listSchema = {
  querystring: {
    type: 'object',
    properties: { patient: uuid, before: day },
    additionalProperties: false,
  },
};
const reportSchema = {
  body: {
    type: 'object',
    properties: { patient: uuid, day, reader: uuid },
    required: ['patient', 'day', 'reader'],
    additionalProperties: false,
  },
};

export function readersRoutes(http: FastifyInstance, deps: SharingDeps): void {
  const { access, records } = deps;

  /** @throws Refusal `forbidden` for other roles and for apps, `not-found` for a record that is not hers to ask about */
  async function ofPatient(
    req: FastifyRequest,
    asked: string | undefined,
  ): Promise<{ caller: Caller; rid: string }> {
    const caller = requireRole(req, 'patient');
    if (caller.scopes !== undefined) throw new Refusal('forbidden');
    const own = caller.fhirUser?.type === 'Patient' ? caller.fhirUser.id : undefined;
    const id = asked ?? own;
    if (id === undefined) throw new Refusal('invalid', { expression: ['patient'] });
    const { rid } = await records.read(caller, 'Patient', id);
    // Being let in as a friend does not suffice.
    if (!(await records.speaks(caller, rid))) throw new Refusal('not-found');
    req.evidence.patients.push(rid);
    return { caller, rid };
  }

  http.get<{ Querystring: { patient?: string; before?: number }; Reply: ReaderPage }>(
    '/readers',
    { schema: listSchema },
    async (req) => {
      Object.assign(req.evidence, { action: 'readers', verb: 'R', type: 'AuditEvent' });
      const { caller, rid } = await ofPatient(req, req.query.patient);
      return access.readers.of(caller.tenant, rid, caller.id, req.query.before);
    },
  );

  http.post<{ Body: ReaderReport }>(
    '/readers/report',
    { schema: reportSchema },
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'report-reader', verb: 'E', type: 'AuditEvent' });
      const { caller, rid } = await ofPatient(req, req.body.patient);
      const { tenant } = caller;
      const role = await access.readers.was(tenant, rid, req.body.day, req.body.reader);
      if (role === undefined || req.body.reader === caller.id) throw new Refusal('not-found');
      await access.anomalies.raise({ tenant, rule: 'wrong-access', who: req.body.reader, role });
      return reply.code(204).send();
    },
  );
}

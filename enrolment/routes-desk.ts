/** /api/enrolment: for staff: invitations, and charts that may be one person's. */
import { requireFresh, requireRole } from '@afar/access';
import { Refusal } from '@afar/fhir';
import { isMailAddress } from '@afar/platform';
import type { FastifyInstance } from 'fastify';
import type { Candidates, Decision, InviteRequest, Invited } from './contract.ts';
import { candidates, decide } from './desk.ts';
import type { House } from './house.ts';
import { invite } from './invitations.ts';

const id = { type: 'string', pattern: '^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$' };
const inviteSchema = {
  type: 'object',
  properties: {
    patient: id,
    email: { type: 'string', maxLength: 254 },
    locale: { type: 'string', minLength: 2, maxLength: 35 },
  },
  required: ['patient'],
  additionalProperties: false,
};
const decisionSchema = {
  type: 'object',
  properties: {
    decision: { type: 'string', enum: ['same', 'different'] },
    patient: id,
    seen: { type: 'boolean' },
  },
  required: ['decision'],
  additionalProperties: false,
};

export function deskRoutes(http: FastifyInstance, house: House): void {
  http.post<{ Body: InviteRequest; Reply: Invited }>(
    '/enrolment/invitations',
    { schema: { body: inviteSchema } },
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'invite-patient', verb: 'C', type: 'Patient' });
      requireRole(req, 'nurse', 'practitioner', 'administrator');
      // Link and code open an account into the chart: not from a desk somebody left.
      const caller = requireFresh(req);
      const { patient, email } = req.body;
      if (house.mode === 'closed')
        throw new Refusal('forbidden', { diagnostics: 'registration is closed' });
      if (email !== undefined && !isMailAddress(email))
        throw new Refusal('invalid', { diagnostics: 'an e-mail address', expression: ['email'] });
      req.evidence.patients = [patient];
      const invited = await invite(house, caller, req.body);
      void reply.code(201).header('cache-control', 'no-store');
      return invited;
    },
  );

  http.get<{ Reply: Candidates }>('/enrolment/candidates', async (req) => {
    Object.assign(req.evidence, { action: 'merge-candidates', verb: 'R', type: 'Patient' });
    const { tenant } = requireRole(req, 'nurse', 'administrator');
    const found = await candidates(house, tenant);
    req.evidence.patients = found.patients;
    return { candidates: found.candidates };
  });

  http.post<{ Params: { task: string }; Body: Decision }>(
    '/enrolment/candidates/:task',
    { schema: { body: decisionSchema, params: { type: 'object', properties: { task: id } } } },
    async (req, reply) => {
      Object.assign(req.evidence, { action: 'decide-merge', verb: 'U', type: 'Patient' });
      // An account is let into a chart by this: not from a desk somebody left.
      const wants = req.body.decision === 'same';
      requireRole(req, 'nurse', 'administrator');
      const caller = wants ? requireFresh(req) : requireRole(req, 'nurse', 'administrator');
      if (req.body.decision === 'same' && (req.body.seen !== true || !req.body.patient))
        throw new Refusal('invalid', {
          diagnostics: 'say which chart, and that you saw the person',
          expression: ['seen'],
        });
      req.evidence.patients = await decide(house, caller, req.params.task, req.body);
      return reply.code(204).send();
    },
  );
}

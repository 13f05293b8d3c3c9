/** /api/reach: who may see one's own record, or that of somebody one speaks for. */
import { requireRole } from '@afar/access';
import type { FastifyInstance } from 'fastify';
import type { SharingDeps } from '../create-sharing.ts';
import { whoMaySee } from './who-may-see.ts';

const byPatient = {
  params: {
    type: 'object',
    properties: { patient: { type: 'string', format: 'uuid' } },
    required: ['patient'],
  },
};

export function reachRoutes(http: FastifyInstance, deps: SharingDeps): void {
  http.get<{ Params: { patient: string } }>(
    '/reach/:patient',
    { schema: byPatient },
    async (req) => {
      req.evidence.action = 'who-may-see';
      req.evidence.verb = 'R';
      req.evidence.type = 'Patient';
      req.evidence.rid = req.params.patient;
      req.evidence.patients.push(req.params.patient);
      return whoMaySee(deps, requireRole(req, 'patient'), req.params.patient);
    },
  );
}

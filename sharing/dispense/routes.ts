/** /api/prescriptions: a pharmacist to whom a prescription was presented hands it out. */
import { requireRole, type Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { SharingDeps } from '../create-sharing.ts';
import type { Dispensed, DispenseRequest, DispenseState } from './contract.ts';
import { dispense, dispenseState } from './dispense.ts';

const params = {
  type: 'object',
  properties: { id: { type: 'string', format: 'uuid' } },
  required: ['id'],
};
const dispenseSchema = {
  params,
  body: {
    type: 'object',
    properties: {
      quantity: {
        type: 'object',
        properties: {
          value: { type: 'number', exclusiveMinimum: 0, maximum: 100_000 },
          unit: { type: 'string', minLength: 1, maxLength: 50 },
        },
        required: ['value'],
        additionalProperties: false,
      },
      note: { type: 'string', maxLength: 500 },
    },
    additionalProperties: false,
  },
};

type ById = { Params: { id: string } };

export function dispenseRoutes(http: FastifyInstance, deps: SharingDeps): void {
  const pharmacist = (req: FastifyRequest<ById>, action: string, verb: 'R' | 'C'): Caller => {
    Object.assign(req.evidence, { action, verb, type: 'MedicationRequest', rid: req.params.id });
    return requireRole(req, 'pharmacist');
  };

  http.get<ById & { Reply: DispenseState }>(
    '/prescriptions/:id',
    { schema: { params } },
    async (req, reply) => {
      const caller = pharmacist(req, 'prescription-state', 'R');
      const { state, patient } = await dispenseState(deps, caller, req.params.id);
      req.evidence.patients.push(patient);
      void reply.header('cache-control', 'no-store');
      return state;
    },
  );

  http.post<ById & { Body: DispenseRequest; Reply: Dispensed }>(
    '/prescriptions/:id/dispense',
    { schema: dispenseSchema },
    async (req, reply) => {
      const caller = pharmacist(req, 'dispense', 'C');
      const key = req.headers['idempotency-key'];
      if (typeof key !== 'string' || !/^[\x21-\x7e]{8,128}$/.test(key))
        throw new Refusal('invalid', {
          diagnostics: 'Idempotency-Key must hold 8 to 128 printable characters',
        });
      const { id, state, patient, replayed } = await dispense(deps, caller, req.params.id, {
        body: req.body,
        key,
      });
      Object.assign(req.evidence, { type: 'MedicationDispense', rid: id });
      req.evidence.patients.push(patient);
      void reply.code(replayed ? 200 : 201).header('cache-control', 'no-store');
      return { id, state };
    },
  );
}

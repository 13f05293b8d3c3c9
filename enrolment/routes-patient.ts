/** /api/dependants: for whoever stands for others. */
import { isUuid, requireCaller, type Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Dependant, DependantInput, Dependants } from './contract.ts';
import { addDependant, dependantsOf, endDependant } from './dependants.ts';
import type { House } from './house.ts';
import { readDependant, refuseFaults, type Fault } from './person.ts';

const perAccount = { most: 10, windowMs: 86_400_000 };

/** A patient with an account; an app that acts for her makes no charts. @throws Refusal `forbidden` */
function requirePatient(req: FastifyRequest): Caller {
  const caller = requireCaller(req);
  if (caller.role !== 'patient' || caller.kind !== 'user' || caller.scopes)
    throw new Refusal('forbidden');
  return caller;
}

export function patientRoutes(http: FastifyInstance, house: House): void {
  const { access, clock, majority } = house;

  http.get<{ Reply: Dependants }>('/dependants', async (req) => {
    Object.assign(req.evidence, { action: 'dependants', verb: 'R', type: 'Patient' });
    const dependants = await dependantsOf(house, requirePatient(req));
    req.evidence.patients = dependants.map((one) => one.patient);
    return { dependants, majority };
  });

  http.post<{ Body: DependantInput; Reply: Dependant }>('/dependants', async (req, reply) => {
    Object.assign(req.evidence, { action: 'add-dependant', verb: 'C', type: 'Patient' });
    const caller = requirePatient(req);
    const faults: Fault[] = [];
    const dependant = readDependant(req.body, 'dependant', clock.now(), majority, faults);
    refuseFaults(faults);
    await access.allowances.take(caller.tenant, { of: ['dependants', caller.id], ...perAccount });
    const made = await addDependant(house, caller, dependant);
    req.evidence.patients = [made.patient];
    void reply.code(201);
    return made;
  });

  http.post<{ Params: { related: string } }>('/dependants/:related/end', async (req, reply) => {
    Object.assign(req.evidence, { action: 'end-dependant', verb: 'U', type: 'RelatedPerson' });
    const caller = requirePatient(req);
    const { related } = req.params;
    if (!isUuid(related)) throw new Refusal('not-found');
    req.evidence.patients = [await endDependant(house, caller, related)];
    return reply.code(204).send();
  });
}

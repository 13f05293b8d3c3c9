/** `/api/on-demand`: being seen now. */
import { Refusal } from '@afar/fhir';
import type { Appointment } from '@afar/fhir';
import type { FastifyRequest } from 'fastify';
import { appointmentView } from '../appointment-view.ts';
import { requireVisitor, type Ask, type Check, type VisitAsk } from '../checks.ts';
import type { House } from '../house.ts';
import { deedOf, once } from '../idempotency.ts';
import type { Part } from '../parts.ts';
import { findVisit, type VisitRow } from '../visit-row.ts';
import { startCallBack } from '../waiting/call-back.ts';
import { readTriage, triage } from '../waiting/triage.ts';
import { askNow, readOnDemand } from './ask.ts';
import { poolQueue } from './pool-queue.ts';
import { closedService, onDemandNow, putService, readSettings, serviceOf } from './service.ts';
import { poolVisit, release, requirePool, take } from './take.ts';

function requireOffice({ caller }: Ask): void {
  if (caller.role !== 'administrator') throw new Refusal('forbidden');
}

/** The clinician of the visit, and nurses who care for the patient. */
const requireTriage: Check<VisitAsk> = ({ standing, caller }) => {
  const own = standing === 'clinician' && caller.role === 'practitioner';
  if (!own && !(standing === 'care' && caller.role === 'nurse')) throw new Refusal('forbidden');
};

export function onDemandPart(house: House): Part {
  let stop: (() => Promise<void>) | undefined;
  const tenantOf = (req: FastifyRequest): number =>
    req.caller?.tenant ?? (house.tenantOf ?? (() => 1))(req.host);

  /** In the trail, whoever asks: whose visit it is. */
  async function named(ask: Ask): Promise<VisitRow> {
    const { id } = ask.req.params as { id?: string };
    const row = await poolVisit(house, ask.caller.tenant, id);
    ask.req.evidence.type = 'Appointment';
    ask.req.evidence.rid = row.rid;
    ask.req.evidence.patients.push(row.patient);
    return row;
  }

  return {
    routes(on) {
      on.open('GET', '/on-demand', { action: 'on-demand', verb: 'R' }, async (req) =>
        onDemandNow(house, tenantOf(req)),
      );
      on.signedIn(
        'POST',
        '/on-demand',
        { action: 'ask-now', verb: 'C' },
        [requireVisitor],
        async ({ caller, req, reply }) => {
          const ask = readOnDemand(req.body);
          const deed = await deedOf(house, req, caller);
          const { answer } = await once(house, caller, deed, () =>
            askNow(house, caller, ask, deed),
          );
          const row = (await findVisit(house.db, caller.tenant, answer.id))!;
          req.evidence.type = 'Appointment';
          req.evidence.rid = row.rid;
          req.evidence.patients.push(row.patient);
          const { resource } = await house.records.read<Appointment>(
            caller,
            'Appointment',
            row.rid,
          );
          void reply.code(201);
          return appointmentView(house, caller, row, resource);
        },
      );
      on.signedIn(
        'GET',
        '/on-demand/settings',
        { action: 'on-demand-settings', verb: 'R' },
        [requireOffice],
        async ({ caller }) => (await serviceOf(house.db, caller.tenant))?.settings ?? closedService,
      );
      on.signedIn(
        'PUT',
        '/on-demand/settings',
        { action: 'on-demand-settings', verb: 'U' },
        [requireOffice],
        async ({ caller, req }) => putService(house, caller.tenant, readSettings(req.body)),
      );
      on.signedIn(
        'GET',
        '/on-demand/queue',
        { action: 'on-demand-queue', verb: 'R' },
        [],
        async ({ caller, req }) => {
          const { queue, patients } = await poolQueue(house, caller);
          req.evidence.type = 'Appointment';
          req.evidence.patients.push(...patients);
          return queue;
        },
      );
      for (const [path, action, act] of [
        ['take', 'take-visit', take],
        ['release', 'release-visit', release],
      ] as const)
        on.signedIn('POST', `/on-demand/:id/${path}`, { action, verb: 'E' }, [], async (ask) => {
          const row = await act(house, ask.caller, await named(ask));
          if (path === 'release') return ask.reply.code(204).send();
          const found = await house.records.read<Appointment>(ask.caller, 'Appointment', row.rid);
          return appointmentView(house, ask.caller, row, found.resource);
        });
      on.signedIn(
        'POST',
        '/on-demand/:id/triage',
        { action: 'triage', verb: 'U' },
        [],
        async (ask) => {
          await requirePool(house, ask.caller);
          const row = await named(ask);
          // Once somebody has taken her it is for those who see the visit: /visits/:id/triage.
          if (row.clinician !== row.pool) throw new Refusal('not-found');
          await triage(house, row, readTriage(ask.req.body));
          return ask.reply.code(204).send();
        },
      );
      on.onVisit(
        'POST',
        '/visits/:id/triage',
        { action: 'triage', verb: 'U' },
        [requireTriage],
        async ({ row, req, reply }) => {
          await triage(house, row, readTriage(req.body));
          return reply.code(204).send();
        },
      );
    },
    start() {
      stop = startCallBack(house);
    },
    async stop() {
      await stop?.();
    },
  };
}

/** Moving, holding, confirming, missing: `/api/appointments/:id/...`, `/api/holds`. */
import { Refusal } from '@afar/fhir';
import { appointmentView } from '../appointment-view.ts';
import { requireVisitor, type Check, type VisitAsk } from '../checks.ts';
import type { SeriesReport, SeriesView } from '../contract.ts';
import type { House } from '../house.ts';
import { deedOf, once } from '../idempotency.ts';
import type { Part } from '../parts.ts';
import { findVisit } from '../visit-row.ts';
import { readWish } from './along.ts';
import { bookedFor } from './book-request.ts';
import { hold, letGo, readHold } from './holds.ts';
import { readReschedule, reschedule } from './reschedule.ts';
import { fault, isUuid, refuseFaults } from './rule.ts';
import { bookSeries, moveFollowing, readSeries, seriesView } from './series.ts';
import { confirm, markUrgent, missed } from './standing.ts';

/** Whom the visit is booked with, and nurses who care for the patient. */
export const requireOwnStaff: Check<VisitAsk> = ({ standing, caller }) => {
  const own = standing === 'clinician' && caller.role === 'practitioner';
  if (!own && !(standing === 'care' && caller.role === 'nurse')) throw new Refusal('forbidden');
};

/** Everybody of the clinic who cares for the patient. */
const requireCareStaff: Check<VisitAsk> = ({ standing, caller }) => {
  if (standing === 'patient' || !['practitioner', 'trainee', 'nurse'].includes(caller.role))
    throw new Refusal('forbidden');
};

export function schedulingPart(house: House): Part {
  const after = async ({ caller, row, appointment }: VisitAsk) => {
    const now = (await findVisit(house.db, row.tenant, row.rid)) ?? row;
    return appointmentView(house, caller, now, appointment);
  };
  return {
    routes(on) {
      on.onVisit(
        'POST',
        '/appointments/:id/reschedule',
        { action: 'reschedule', verb: 'U' },
        [requireVisitor],
        async (ask) => {
          const { caller, req, row } = ask;
          const deed = await deedOf(house, req, caller);
          const wanted = readReschedule(req.body);
          if (wanted.scope === 'following') {
            const all = () => moveFollowing(house, caller, row, wanted, deed);
            return (await once(house, caller, deed, all)).answer;
          }
          await once(house, caller, deed, () => reschedule(house, caller, row, wanted, deed));
          return after(ask);
        },
      );
      on.onVisit(
        'POST',
        '/appointments/:id/confirm',
        { action: 'confirm-appointment', verb: 'U' },
        [requireOwnStaff],
        async (ask) => {
          const { with: along } = readWish({
            with: (ask.req.body as { with?: unknown } | null | undefined)?.with,
          });
          await confirm(house, ask.caller, ask.row, along);
          return after(ask);
        },
      );
      on.onVisit(
        'POST',
        '/appointments/:id/no-show',
        { action: 'no-show', verb: 'U' },
        [requireOwnStaff],
        async (ask) => {
          await missed(house, ask.caller, ask.row);
          return after(ask);
        },
      );
      on.onVisit(
        'POST',
        '/appointments/:id/urgent',
        { action: 'mark-urgent', verb: 'U' },
        [requireCareStaff],
        async (ask) => {
          const { urgent } = (ask.req.body ?? {}) as Record<string, unknown>;
          if (typeof urgent !== 'boolean') refuseFaults([fault('urgent', 'true or false')]);
          await markUrgent(house, ask.caller, ask.row, urgent === true);
          return after(ask);
        },
      );
      on.signedIn(
        'POST',
        '/series',
        { action: 'book-series', verb: 'C' },
        [requireVisitor],
        async ({ caller, req, reply }): Promise<SeriesReport> => {
          const deed = await deedOf(house, req, caller);
          const wanted = readSeries(req.body);
          const all = () => bookSeries(house, caller, wanted, deed);
          const { answer } = await once(house, caller, deed, all);
          req.evidence.type = 'Appointment';
          req.evidence.patients.push(bookedFor(caller, wanted.patient));
          void reply.code(answer.done ? 201 : 200);
          return answer;
        },
      );
      on.signedIn(
        'GET',
        '/series/:series',
        { action: 'series', verb: 'R' },
        [requireVisitor],
        async ({ caller, req }): Promise<SeriesView> => {
          const { series } = req.params as { series?: string };
          if (!isUuid(series)) throw new Refusal('not-found');
          const { view, patients } = await seriesView(house, caller, series);
          req.evidence.type = 'Appointment';
          req.evidence.patients.push(...patients);
          return view;
        },
      );
      on.signedIn(
        'POST',
        '/holds',
        { action: 'hold-time', verb: 'C' },
        [requireVisitor],
        async ({ caller, req, reply }) => {
          const made = await hold(house, caller, readHold(req.body));
          void reply.code(201);
          return made;
        },
      );
      on.signedIn(
        'DELETE',
        '/holds/:hold',
        { action: 'let-go', verb: 'U' },
        [requireVisitor],
        async ({ caller, req, reply }) => {
          await letGo(house, caller, (req.params as { hold?: string }).hold);
          return reply.code(204).send();
        },
      );
    },
  };
}

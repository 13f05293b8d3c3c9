/** The visit itself: arriving, waiting, admission, media, note, end: `/api/visits/:id`, `/api/queue`. */
import { visitView } from './appointment-view.ts';
import {
  requireAdmitted,
  requireCarer,
  requireOpenVisit,
  requireOwnClinician,
  requireParticipant,
  requirePatient,
  requirePractitioner,
  requireProven,
  requireTrainee,
  requireVisitor,
  type VisitAsk,
} from './checks.ts';
import { billingCodes } from './closing/billing.ts';
import { addQuality, endVisit, readEnd } from './closing/end.ts';
import { readSamples } from './closing/quality.ts';
import type { Endpoints } from './endpoint.ts';
import type { House } from './house.ts';
import { cosign, cosignList, handOver } from './note/cosign.ts';
import { readNote, readSave, saveNote } from './note/draft.ts';
import { readRemark, returnNote } from './note/return.ts';
import { addAddendum, readAddendum, readSign, sign } from './note/sign.ts';
import { issueJoinTicket } from './room/issue-join-ticket.ts';
import { findVisit, type VisitRow } from './visit-row.ts';
import { admit, sendBack } from './waiting/admit.ts';
import { arrive, readChecks, readPlace } from './waiting/arrive.ts';
import { heard, waitingStatus } from './waiting/place.ts';
import { queue } from './waiting/queue.ts';

export function visitRoutes(on: Endpoints, house: House): void {
  const again = async (row: VisitRow): Promise<VisitRow> =>
    (await findVisit(house.db, row.tenant, row.rid)) ?? row;

  /** Nothing was overwritten or signed: the text that is there, for a person to merge. */
  const conflict = async ({ caller, row, reply }: VisitAsk): Promise<unknown> => {
    void reply.code(409);
    return { conflict: true, current: await readNote(house, caller, await again(row)) };
  };

  on.signedIn(
    'GET',
    '/queue',
    { action: 'queue', verb: 'R' },
    [
      ({ caller }) => {
        if (caller.role !== 'nurse') requirePractitioner({ caller } as VisitAsk);
      },
    ],
    async ({ caller, req }) => {
      const found = await queue(house, caller);
      req.evidence.type = 'Appointment';
      req.evidence.patients.push(...found.patients);
      return found.queue;
    },
  );

  on.signedIn('GET', '/billing-codes', { action: 'billing-codes', verb: 'R' }, [], async () =>
    Promise.resolve(billingCodes),
  );

  on.onVisit(
    'GET',
    '/visits/:id',
    { action: 'visit', verb: 'R' },
    [requireVisitor],
    async ({ caller, row, appointment }) => visitView(house, caller, row, appointment),
  );

  on.onVisit(
    'POST',
    '/visits/:id/arrive',
    { action: 'arrive', verb: 'E' },
    [requirePatient],
    async ({ caller, row, req }) =>
      waitingStatus(
        house,
        await arrive(house, caller, row, readChecks(req.body), readPlace(req.body)),
      ),
  );

  on.onVisit(
    'POST',
    '/visits/:id/heartbeat',
    { action: 'heartbeat', verb: 'E' },
    [requirePatient],
    async ({ row }) => {
      await heard(house, row);
      return waitingStatus(house, row);
    },
  );

  on.onVisit(
    'POST',
    '/visits/:id/admit',
    { action: 'admit', verb: 'E' },
    [requireOwnClinician],
    async ({ caller, row }) => admit(house, caller, row),
  );

  on.onVisit(
    'POST',
    '/visits/:id/return',
    { action: 'send-back', verb: 'E' },
    [requireOwnClinician],
    async ({ caller, row }) => waitingStatus(house, await sendBack(house, caller, row)),
  );

  on.onVisit(
    'POST',
    '/visits/:id/join',
    { action: 'ticket', verb: 'E' },
    [requireParticipant, requireOpenVisit],
    async ({ caller, row, standing }) => issueJoinTicket(house, caller, row, standing),
  );

  on.onVisit(
    'POST',
    '/visits/:id/quality',
    { action: 'quality', verb: 'U' },
    [requireParticipant, requireAdmitted],
    async ({ caller, row, req, reply }) => {
      await addQuality(house, caller, row, readSamples(req.body));
      return reply.code(204).send();
    },
  );

  on.onVisit(
    'GET',
    '/visits/:id/note',
    { action: 'note', verb: 'R' },
    [requireCarer],
    async ({ caller, row }) => readNote(house, caller, row),
  );

  on.onVisit(
    'PUT',
    '/visits/:id/note',
    { action: 'save-note', verb: 'U' },
    [requireCarer, requireAdmitted],
    async (ask) =>
      (await saveNote(house, ask.caller, ask.row, readSave(ask.req.body))) ?? conflict(ask),
  );

  on.onVisit(
    'POST',
    '/visits/:id/note/sign',
    { action: 'sign', verb: 'E' },
    [requireOwnClinician, requireAdmitted, requireProven],
    async (ask) => {
      const { caller, row, req } = ask;
      if (!(await sign(house, caller, row, readSign(req.body)))) return conflict(ask);
      return readNote(house, caller, await again(row));
    },
  );

  on.onVisit(
    'POST',
    '/visits/:id/note/hand-over',
    { action: 'hand-over', verb: 'E' },
    [requireTrainee, requireCarer, requireAdmitted],
    async (ask) => {
      const { caller, row, req } = ask;
      if (!(await handOver(house, caller, row, readSign(req.body)))) return conflict(ask);
      return readNote(house, caller, await again(row));
    },
  );

  on.onVisit(
    'POST',
    '/visits/:id/note/cosign',
    { action: 'cosign', verb: 'E' },
    [requirePractitioner, requireCarer, requireProven],
    async ({ caller, row }) => {
      await cosign(house, caller, row);
      return readNote(house, caller, await again(row));
    },
  );

  on.onVisit(
    'POST',
    '/visits/:id/note/return',
    { action: 'return-note', verb: 'E' },
    [requirePractitioner, requireCarer],
    async ({ caller, row, req }) => {
      await returnNote(house, caller, row, readRemark(req.body));
      return readNote(house, caller, await again(row));
    },
  );

  on.signedIn(
    'GET',
    '/cosign',
    { action: 'cosign-list', verb: 'R' },
    [requirePractitioner],
    ({ caller, req }) =>
      cosignList(house, caller).then((items) => {
        req.evidence.patients.push(...items.map((one) => one.patient.id));
        return items;
      }),
  );

  on.onVisit(
    'POST',
    '/visits/:id/note/addenda',
    { action: 'addendum', verb: 'C' },
    [requirePractitioner, requireCarer],
    async ({ caller, row, req, reply }) => {
      await addAddendum(house, caller, row, readAddendum(req.body));
      void reply.code(201);
      return readNote(house, caller, await again(row));
    },
  );

  on.onVisit(
    'POST',
    '/visits/:id/end',
    { action: 'end', verb: 'E' },
    [requireOwnClinician, requireAdmitted],
    async ({ caller, row, req }) => endVisit(house, caller, row, readEnd(req.body)),
  );
}

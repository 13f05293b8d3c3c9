/** The chat of a visit over HTTP: said while the visit is open, read afterwards by the patient and who cares for her. */
import { Refusal } from '@afar/fhir';
import type { FastifyRequest } from 'fastify';
import {
  requireCarer,
  requireOpenVisit,
  requireParticipant,
  type Check,
  type VisitAsk,
} from '../checks.ts';
import { bytesOf, rawBodies, sendBytes } from '../files/raw-bodies.ts';
import type { House } from '../house.ts';
import type { Guest } from '../invites/guest-session.ts';
import { guestRoute } from '../invites/routes.ts';
import { guestName } from '../invites/view.ts';
import type { Part } from '../parts.ts';
import { isUuid } from '../scheduling/rule.ts';
import { isOpen } from '../state.ts';
import type { VisitRow } from '../visit-row.ts';
import { addFile, chatOf, fileBytes, fileOf, readChat, say, type Author } from './messages.ts';

/** The patient herself, and who may read her notes. */
export const requireReader: Check<VisitAsk> = (ask) => {
  if (ask.standing !== 'patient') requireCarer(ask);
};

const afterOf = (req: FastifyRequest): number => {
  const { after = '0' } = req.query as { after?: unknown };
  if (typeof after !== 'string' || !/^\d{1,9}$/.test(after))
    throw new Refusal('invalid', { expression: ['after'] });
  return Number(after);
};

const messageOf = (req: FastifyRequest): string => {
  const { message } = req.params as { message?: string };
  if (!isUuid(message)) throw new Refusal('not-found');
  return message;
};

async function authorOf(house: House, { caller, row, standing }: VisitAsk): Promise<Author> {
  if (standing === 'patient') return { id: row.patient, role: 'patient' };
  const { name } = await house.directory.clinician(caller.tenant, row.clinician);
  return { id: row.clinician, role: 'clinician', name };
}

/** Who reads, as an author would be known. */
const readerOf = ({ row, standing }: VisitAsk): string =>
  standing === 'patient' ? row.patient : standing === 'clinician' ? row.clinician : '';

/** A guest speaks and reads while she is in the room; an observer only reads. */
function requireInside({ invite }: Guest, row: VisitRow, speaks: boolean): number {
  if (invite.state !== 'admitted' || !isOpen(row.state)) throw new Refusal('conflict');
  if (speaks && invite.kind === 'observer') throw new Refusal('forbidden');
  return invite.admitted ?? 0;
}

export const chatPart = (house: House): Part => ({
  async routes(on, app) {
    const base = '/visits/:id/chat';
    const file = '/chat/:message/file';
    on.onVisit(
      'POST',
      base,
      { action: 'chat', verb: 'C' },
      [requireParticipant, requireOpenVisit],
      async (ask) => {
        const said = readChat(ask.req.body);
        void ask.reply.code(201);
        return say(house, ask.row, await authorOf(house, ask), said);
      },
    );
    on.onVisit('GET', base, { action: 'read-chat', verb: 'R' }, [requireReader], async (ask) => {
      void ask.reply.header('cache-control', 'no-store');
      return chatOf(house, ask.row, readerOf(ask), afterOf(ask.req));
    });
    on.onVisit(
      'GET',
      `/visits/:id${file}`,
      { action: 'read-chat-file', verb: 'R' },
      [requireReader],
      async ({ row, req, reply }) => {
        const { bytes, type } = await fileOf(house, row, messageOf(req));
        return sendBytes(reply, bytes, type);
      },
    );
    guestRoute(
      app,
      house,
      'POST',
      '/visit-guest/chat',
      { action: 'chat', verb: 'C' },
      async (guest, row, req, reply) => {
        requireInside(guest, row, true);
        const { id, kind } = guest.invite;
        const name = await guestName(house, guest.invite);
        void reply.code(201);
        return say(house, row, { id, role: 'guest', as: kind, name }, readChat(req.body));
      },
    );
    guestRoute(
      app,
      house,
      'GET',
      '/visit-guest/chat',
      { action: 'read-chat', verb: 'R' },
      async (guest, row, req) =>
        chatOf(house, row, guest.invite.id, afterOf(req), requireInside(guest, row, false)),
    );
    guestRoute(
      app,
      house,
      'GET',
      `/visit-guest${file}`,
      { action: 'read-chat-file', verb: 'R' },
      async (guest, row, req, reply) => {
        const since = requireInside(guest, row, false);
        const { bytes, type } = await fileOf(house, row, messageOf(req), since);
        return sendBytes(reply, bytes, type);
      },
    );
    await rawBodies(app, house, fileBytes, (raw, scope) => {
      raw.onVisit(
        'PUT',
        `/visits/:id${file}`,
        { action: 'chat-file', verb: 'C' },
        [requireParticipant, requireOpenVisit],
        async (ask) => {
          const { id } = await authorOf(house, ask);
          return addFile(house, ask.row, id, messageOf(ask.req), bytesOf(ask.req.body));
        },
      );
      guestRoute(
        scope,
        house,
        'PUT',
        `/visit-guest${file}`,
        { action: 'chat-file', verb: 'C' },
        async (guest, row, req) => {
          requireInside(guest, row, true);
          return addFile(house, row, guest.invite.id, messageOf(req), bytesOf(req.body));
        },
        fileBytes,
      );
    });
  },
});

/** Still pictures over HTTP: `/api/visits/:id/stills`. */
import { Refusal } from '@afar/fhir';
import {
  requireOpenVisit,
  requireOwnClinician,
  requireParticipant,
  requirePatient,
  type VisitAsk,
} from '../checks.ts';
import { bytesOf, rawBodies } from '../files/raw-bodies.ts';
import type { House } from '../house.ts';
import type { Part } from '../parts.ts';
import { isUuid } from '../scheduling/rule.ts';
import { answerStill, askStill, keepStill, stillBytes, stillsOf } from './stills.ts';

function stillIn({ req }: VisitAsk): string {
  const { still } = req.params as { still?: string };
  if (!isUuid(still)) throw new Refusal('not-found');
  return still;
}

export const stillsPart = (house: House): Part => ({
  async routes(on, app) {
    const base = '/visits/:id/stills';
    on.onVisit(
      'POST',
      base,
      { action: 'ask-still', verb: 'C' },
      [requireOwnClinician, requireOpenVisit],
      async ({ caller, row, req, reply }) => {
        const { id } = (req.body ?? {}) as { id?: unknown };
        if (!isUuid(id)) throw new Refusal('invalid', { expression: ['id'] });
        void reply.code(201);
        return askStill(house, caller, row, id);
      },
    );
    on.onVisit(
      'GET',
      base,
      { action: 'stills', verb: 'R' },
      [requireParticipant],
      async ({ row }) => stillsOf(house, row),
    );
    on.onVisit(
      'POST',
      `${base}/:still/answer`,
      { action: 'answer-still', verb: 'E' },
      [requirePatient, requireOpenVisit],
      async (ask) => {
        const { agree } = (ask.req.body ?? {}) as { agree?: unknown };
        if (typeof agree !== 'boolean') throw new Refusal('invalid', { expression: ['agree'] });
        return answerStill(house, ask.row, stillIn(ask), agree);
      },
    );
    await rawBodies(app, house, stillBytes, (raw) => {
      raw.onVisit(
        'PUT',
        `${base}/:still`,
        { action: 'keep-still', verb: 'C' },
        [requirePatient, requireOpenVisit],
        async (ask) => keepStill(house, ask.row, stillIn(ask), bytesOf(ask.req.body)),
      );
    });
  },
});

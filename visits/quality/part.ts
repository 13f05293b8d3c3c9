/** The office's look at connections: how visits were carried, without a word of whose they were. */
import type { House } from '../house.ts';
import type { Part } from '../parts.ts';
import { requireOffice } from '../reminders/part.ts';
import { qualityByDay, readDays } from './by-day.ts';

export function qualityPart(house: House): Part {
  return {
    routes(on) {
      on.signedIn(
        'GET',
        '/visits-quality',
        { action: 'visits-quality', verb: 'R' },
        [requireOffice],
        ({ caller, req }) => qualityByDay(house, caller.tenant, readDays(req.query)),
      );
    },
  };
}

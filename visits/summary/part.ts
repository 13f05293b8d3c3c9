/** The endpoints of the summary: what the patient takes home, as a page and as a file. */
import { requireVisitor } from '../checks.ts';
import type { House } from '../house.ts';
import type { Part } from '../parts.ts';
import { summaryOf } from './summary.ts';

export function summaryPart(house: House): Part {
  return {
    routes(on) {
      on.onVisit(
        'GET',
        '/visits/:id/summary',
        { action: 'summary', verb: 'R' },
        [requireVisitor],
        async ({ caller, row, appointment }) => summaryOf(house, caller, row, appointment),
      );
    },
  };
}

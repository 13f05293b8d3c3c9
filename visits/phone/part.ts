/** Going on by telephone and calling again, over HTTP. */
import { requireOpenVisit, requireOwnClinician } from '../checks.ts';
import type { House } from '../house.ts';
import type { Part } from '../parts.ts';
import { callAgain, goToPhone, readPhone } from './phone.ts';

export const phonePart = (house: House): Part => ({
  routes(on) {
    on.onVisit(
      'POST',
      '/visits/:id/phone',
      { action: 'go-to-phone', verb: 'E' },
      [requireOwnClinician, requireOpenVisit],
      async ({ caller, row, req, reply }) => {
        void reply.header('cache-control', 'no-store');
        return goToPhone(house, caller, row, readPhone(req.body));
      },
    );
    on.onVisit(
      'POST',
      '/visits/:id/call-again',
      { action: 'call-again', verb: 'E' },
      [requireOwnClinician, requireOpenVisit],
      async ({ row }) => callAgain(house, row),
    );
  },
});

/** `/api/presence`: a clinician's word that she is there, and who of the colleagues is. */
import { Refusal } from '@afar/fhir';
import type { Ask } from '../checks.ts';
import type { House } from '../house.ts';
import type { Part } from '../parts.ts';
import { keepPresence, presenceOf, readPresence } from './presence.ts';

function requireStaff({ caller }: Ask): void {
  if (!['practitioner', 'trainee', 'nurse', 'administrator'].includes(caller.role))
    throw new Refusal('forbidden');
}

export function presencePart(house: House): Part {
  return {
    routes(on) {
      on.signedIn(
        'GET',
        '/presence',
        { action: 'presence', verb: 'R' },
        [requireStaff],
        async ({ caller }) => presenceOf(house, caller.tenant),
      );
      on.signedIn(
        'PUT',
        '/presence',
        { action: 'say-presence', verb: 'U' },
        [requireStaff],
        async ({ caller, req }) => {
          await keepPresence(house, caller, readPresence(req.body));
          return presenceOf(house, caller.tenant);
        },
      );
    },
  };
}

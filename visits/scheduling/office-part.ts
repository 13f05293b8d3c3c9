/** What the office keeps and staff look at: `/api/resources`, `/api/closures`, `/api/blocks`, `/api/calendar`. */
import { Refusal } from '@afar/fhir';
import { seeVisit, type Ask, type Check } from '../checks.ts';
import type { Block, Calendar, CalendarFree, ClinicClosure, Resource } from '../contract.ts';
import type { House } from '../house.ts';
import { onceInOffice } from '../idempotency.ts';
import type { Part } from '../parts.ts';
import { needsOf, readWish } from './along.ts';
import { addBlock, dropBlock, readBlock } from './blocks.ts';
import { addClosure, dropClosure, listClosures, readClosure } from './closures.ts';
import { freeSlots } from './free-slots.ts';
import { listResources, putResource } from './resources.ts';
import { fault, isUuid, refuseFaults } from './rule.ts';
import { scheduleOf } from './schedules.ts';
import { readRange, requireStaff, staffCalendar } from './staff-calendar.ts';

const staff: Check<Ask> = ({ caller }) => requireStaff(caller);

export function officePart(house: House): Part {
  return {
    routes(on) {
      on.signedIn(
        'GET',
        '/resources',
        { action: 'resources', verb: 'R' },
        [staff],
        async ({ caller }): Promise<Resource[]> => listResources(house.db, caller.tenant),
      );
      on.signedIn(
        'POST',
        '/resources',
        { action: 'add-resource', verb: 'C' },
        [staff],
        async ({ caller, req, reply }): Promise<Resource> => {
          const made = await onceInOffice(house, req, caller, (keep) =>
            putResource(house, caller, req.body, { keep }),
          );
          void reply.code(201);
          return made;
        },
      );
      on.signedIn(
        'PUT',
        '/resources/:resource',
        { action: 'change-resource', verb: 'U' },
        [staff],
        async ({ caller, req }): Promise<Resource> => {
          const { resource } = req.params as { resource?: string };
          if (!isUuid(resource)) throw new Refusal('not-found');
          return putResource(house, caller, req.body, { id: resource });
        },
      );

      on.signedIn(
        'GET',
        '/closures',
        { action: 'closures', verb: 'R' },
        [staff],
        async ({ caller }): Promise<ClinicClosure[]> => listClosures(house, caller.tenant),
      );
      on.signedIn(
        'POST',
        '/closures',
        { action: 'close-clinic', verb: 'C' },
        [staff],
        async ({ caller, req, reply }): Promise<ClinicClosure> => {
          const ask = readClosure(req.body);
          const made = await onceInOffice(house, req, caller, (keep) =>
            addClosure(house, caller, ask, keep),
          );
          void reply.code(201);
          return made;
        },
      );
      on.signedIn(
        'DELETE',
        '/closures/:closure',
        { action: 'open-clinic', verb: 'U' },
        [staff],
        async ({ caller, req, reply }) => {
          await dropClosure(house, caller, (req.params as { closure?: string }).closure);
          return reply.code(204).send();
        },
      );

      on.signedIn(
        'POST',
        '/blocks',
        { action: 'block-time', verb: 'C' },
        [staff],
        async ({ caller, req, reply }): Promise<Block> => {
          const ask = readBlock(req.body);
          const made = await onceInOffice(house, req, caller, (keep) =>
            addBlock(house, caller, ask, keep),
          );
          void reply.code(201);
          return made;
        },
      );
      on.signedIn(
        'DELETE',
        '/blocks/:block',
        { action: 'unblock-time', verb: 'U' },
        [staff],
        async ({ caller, req, reply }) => {
          await dropBlock(house, caller, (req.params as { block?: string }).block);
          return reply.code(204).send();
        },
      );

      on.signedIn(
        'POST',
        '/calendar',
        { action: 'calendar', verb: 'R' },
        [staff],
        async ({ caller, req }): Promise<Calendar> => {
          const { calendar, patients } = await staffCalendar(house, caller, readRange(req.body));
          req.evidence.type = 'Appointment';
          req.evidence.patients.push(...patients);
          return calendar;
        },
      );
      on.signedIn(
        'POST',
        '/calendar/free',
        { action: 'calendar-free', verb: 'R' },
        [staff],
        async ({ caller, req }): Promise<CalendarFree> => {
          const { clinician, moving, with: along, ...span } = readRange(req.body);
          if (!clinician) refuseFaults([fault('clinician', 'a Practitioner id')]);
          const { tenant } = caller;
          const schedule = await scheduleOf(house.db, tenant, clinician!);
          if (!schedule) throw new Refusal('not-found');
          // Whose appointment it is must be known to her: an id tells nothing otherwise.
          if (moving) await seeVisit(house, caller, moving);
          const needs = await needsOf(house.db, tenant, schedule.rule, readWish({ with: along }));
          const until = await house.access.licences.until(tenant, clinician!);
          const wishes = { needs, staff: true, ...(moving && { except: [moving] }) };
          const now = house.clock.now();
          return freeSlots(house.db, tenant, { ...schedule, until }, span, now, wishes);
        },
      );
    },
  };
}

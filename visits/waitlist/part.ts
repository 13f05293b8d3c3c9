/** The waitlist: `/api/waitlist`, and the jobs that offer what comes free. */
import { Refusal } from '@afar/fhir';
import { appointmentView } from '../appointment-view.ts';
import { requireVisitor, seeVisit, type Ask } from '../checks.ts';
import type { Waitlist, WaitlistEntry } from '../contract.ts';
import type { House } from '../house.ts';
import { deedOf, once } from '../idempotency.ts';
import type { Part } from '../parts.ts';
import { readIfSeen } from '../people.ts';
import { offeredSchedules } from '../licensing/licensed.ts';
import { requireChart } from '../scheduling/book.ts';
import { bookedFor } from '../scheduling/book-request.ts';
import { offered } from '../scheduling/offered.ts';
import { fault, isUuid, refuseFaults } from '../scheduling/rule.ts';
import { requireStaff } from '../scheduling/staff-calendar.ts';
import { accept, decline, expireOffer, requireEntry, requireOffer } from './answer.ts';
import { offerTask } from './freed.ts';
import { entryView, join, leave, readJoin } from './join.ts';
import { expireTask, makeOffer, offerFreed } from './offer.ts';
import { entriesOf, entryOf, type EntryRow } from './rows.ts';

/** Half a year: what came of older wishes is in the appointments. */
const shownMs = 180 * 86_400_000;

export function waitlistPart(house: House): Part {
  /** The entry in the address, of somebody the caller speaks for or cares for. */
  async function entryIn({ caller, req }: Ask): Promise<EntryRow> {
    const { entry: id } = req.params as { entry?: string };
    const entry = isUuid(id) ? await entryOf(house.db, caller.tenant, id) : undefined;
    if (!entry) throw new Refusal('not-found');
    await requireEntry(house, caller, entry);
    req.evidence.patients.push(entry.patient);
    return entry;
  }

  const offerIn = async ({ caller, req }: Ask) => {
    const { offer: id } = req.params as { offer?: string };
    const found = await requireOffer(house, caller, id);
    req.evidence.patients.push(found.entry.patient);
    return found;
  };

  return {
    start() {
      house.jobs.define(offerTask, async ({ tenant, clinician }) => {
        if (typeof tenant === 'number' && isUuid(clinician))
          await offerFreed(house, tenant, clinician);
      });
      house.jobs.define(expireTask, async ({ tenant, offer }) => {
        if (typeof tenant === 'number' && isUuid(offer)) await expireOffer(house, tenant, offer);
      });
    },

    routes(on) {
      on.signedIn(
        'POST',
        '/waitlist',
        { action: 'join-waitlist', verb: 'C' },
        [requireVisitor],
        async ({ caller, req, reply }): Promise<WaitlistEntry> => {
          const deed = await deedOf(house, req, caller);
          const ask = readJoin(req.body);
          const { answer } = await once(house, caller, deed, () => join(house, caller, ask, deed));
          const entry = await entryOf(house.db, caller.tenant, answer.id);
          if (!entry) throw new Refusal('not-found');
          req.evidence.patients.push(entry.patient);
          void reply.code(201);
          return entryView(house, caller, entry);
        },
      );

      on.signedIn(
        'GET',
        '/waitlist',
        { action: 'waitlist', verb: 'R' },
        [requireVisitor],
        async ({ caller, req }): Promise<Waitlist> => {
          const { patient, clinician } = req.query as { patient?: string; clinician?: string };
          const since = house.clock.now() - shownMs;
          const { tenant } = caller;
          if (isUuid(clinician)) {
            requireStaff(caller);
            const all = await entriesOf(house.db, tenant, { clinician }, since);
            const entries: WaitlistEntry[] = [];
            for (const row of all) {
              // Whom she does not care for does not wait here, for her.
              if (!(await readIfSeen(house, caller, 'Patient', row.patient))) continue;
              req.evidence.patients.push(row.patient);
              entries.push(await entryView(house, caller, row));
            }
            return { entries };
          }
          const whose = bookedFor(caller, patient);
          if (!isUuid(whose)) throw new Refusal('not-found');
          await requireChart(house, caller, whose);
          if (caller.role !== 'patient') await house.records.read(caller, 'Patient', whose);
          req.evidence.patients.push(whose);
          const rows = await entriesOf(house.db, tenant, { patient: whose }, since);
          return { entries: await Promise.all(rows.map((row) => entryView(house, caller, row))) };
        },
      );

      on.signedIn(
        'POST',
        '/waitlist/:entry/leave',
        { action: 'leave-waitlist', verb: 'U' },
        [requireVisitor],
        async (ask) => {
          await leave(house, await entryIn(ask));
          return ask.reply.code(204).send();
        },
      );

      on.signedIn(
        'POST',
        '/waitlist/:entry/offer',
        { action: 'offer-time', verb: 'U' },
        [({ caller }) => requireStaff(caller), requireVisitor],
        async (ask): Promise<WaitlistEntry> => {
          const { caller, req } = ask;
          const entry = await entryIn(ask);
          const { slotId } = (req.body ?? {}) as { slotId?: unknown };
          if (!isUuid(slotId)) refuseFaults([fault('slotId', 'the id of a free time')]);
          if (entry.state !== 'waiting') throw new Refusal('conflict', { detail: entry.state });
          const want = { slotId: slotId as string, type: entry.mode };
          const schedules = await offeredSchedules(house, caller.tenant);
          const { schedule, span } = offered(schedules, want, house.clock.now(), true);
          await house.db.tx((sql) => makeOffer(house, sql, entry, schedule, span));
          return entryView(house, caller, entry);
        },
      );

      on.signedIn(
        'POST',
        '/waitlist/offers/:offer/accept',
        { action: 'accept-offer', verb: 'C' },
        [requireVisitor],
        async (ask) => {
          const rid = await accept(house, ask.caller, await offerIn(ask));
          const { row, appointment } = await seeVisit(house, ask.caller, rid);
          return appointmentView(house, ask.caller, row, appointment);
        },
      );

      on.signedIn(
        'POST',
        '/waitlist/offers/:offer/decline',
        { action: 'decline-offer', verb: 'U' },
        [requireVisitor],
        async (ask) => {
          const { offer } = await offerIn(ask);
          await decline(house, ask.caller.tenant, offer.id);
          return ask.reply.code(204).send();
        },
      );
    },
  };
}

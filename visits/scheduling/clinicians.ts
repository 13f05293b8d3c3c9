/** The clinicians who can be booked, as a booking page shows them. */
import { systemCaller } from '@afar/access';
import type { Practitioner } from '@afar/fhir';
import type { Clinician } from '../contract.ts';
import type { House } from '../house.ts';
import { nameOf, readIfSeen, specialtyOf } from '../people.ts';
import { freeSlots } from './free-slots.ts';
import { activeSchedules } from './schedules.ts';

const day = 86_400_000;

/** Names and zones change by the week, free times by the second: the directory part is kept for 30 s, one read a clinician. */
const directoryMs = 30_000;

type Shown = Pick<Clinician, 'name' | 'specialty' | 'languages'>;

/** The directory is the house's public face: it is read as the house, and shows nothing but what is returned here. */
export function clinicianDirectory(house: House): (tenant: number) => Promise<Clinician[]> {
  const kept = new Map<string, { until: number; shown: Promise<Shown | undefined> }>();

  async function look(tenant: number, id: string): Promise<Shown | undefined> {
    const caller = systemCaller(tenant, house.clock, 'clinicians');
    const found = await readIfSeen<Practitioner>(house, caller, 'Practitioner', id);
    if (!found || found.active === false) return undefined;
    const languages = (found.communication ?? []).flatMap((one) => one.coding?.[0]?.code ?? []);
    return { name: nameOf(found.name), specialty: specialtyOf(found), languages };
  }

  function shownOf(tenant: number, id: string): Promise<Shown | undefined> {
    const key = `${tenant}|${id}`;
    const now = house.clock.now();
    const before = kept.get(key);
    if (before && before.until > now) return before.shown;
    const shown = look(tenant, id);
    kept.set(key, { until: now + directoryMs, shown });
    shown.catch(() => kept.delete(key));
    return shown;
  }

  /** The first free time, looked for a fortnight at a time up to the horizon. */
  return async (tenant) => {
    const now = house.clock.now();
    const schedules = await activeSchedules(house.db, tenant);
    const all = await Promise.all(
      schedules.map(async (schedule): Promise<Clinician | undefined> => {
        const { rule } = schedule;
        const shown = await shownOf(tenant, rule.clinician);
        if (!shown) return undefined;
        let nextFree: string | undefined;
        for (let from = now; !nextFree && from < now + rule.horizonDays * day; from += 14 * day) {
          const span = { start: from, end: from + 14 * day };
          nextFree = (await freeSlots(house.db, tenant, schedule, span, now))[0]?.start;
        }
        return {
          id: rule.clinician,
          ...shown,
          zone: rule.zone,
          modes: rule.modes,
          minutes: rule.slotMinutes,
          ...(nextFree && { nextFree }),
        };
      }),
    );
    return all
      .filter((one) => one !== undefined)
      .toSorted((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
  };
}

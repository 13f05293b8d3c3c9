/** The clinicians who can be booked, as a booking page shows them. */
import type { Clinician } from '../contract.ts';
import type { House } from '../house.ts';
import { bookable, freeSlots } from './free-slots.ts';
import { offeredSchedules } from '../licensing/licensed.ts';
import type { StoredSchedule } from './schedules.ts';

const day = 86_400_000;
const fortnight = 14 * day;

/** The first free time, looked for a fortnight at a time up to the horizon. */
async function nextFree(
  house: House,
  tenant: number,
  schedule: StoredSchedule,
  now: number,
): Promise<string | undefined> {
  const { end } = bookable(schedule, now);
  for (let start = now; start < end; start += fortnight) {
    const span = { start, end: start + fortnight };
    const [first] = await freeSlots(house.db, tenant, schedule, span, now);
    if (first) return first.start;
  }
  return undefined;
}

/** By name. Those whom the directory no longer knows, or calls inactive, are left out. */
export async function bookableClinicians(house: House, tenant: number): Promise<Clinician[]> {
  const now = house.clock.now();
  const all = await Promise.all(
    (await offeredSchedules(house, tenant)).map(
      async (schedule): Promise<Clinician | undefined> => {
        const { clinician: id, zone, modes, slotMinutes: minutes } = schedule.rule;
        const shown = await house.directory.clinician(tenant, id);
        if (!shown.active) return undefined;
        const { name, specialty, languages } = shown;
        const free = await nextFree(house, tenant, schedule, now);
        const clinician = { id, name, specialty, languages, zone, modes, minutes };
        const reach = await house.access.licences.jurisdictions(tenant, id);
        return {
          ...clinician,
          ...(free && { nextFree: free }),
          ...(reach && { jurisdictions: reach }),
          ...(schedule.rule.confirm && { confirm: true }),
        };
      },
    ),
  );
  return all
    .filter((one) => one !== undefined)
    .toSorted((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id));
}

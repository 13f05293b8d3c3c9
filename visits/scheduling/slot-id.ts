/** The id of a computed Slot: made of its schedule and start, so that every process and every day names it alike. */
import { createHash } from 'node:crypto';

/**
 * A version 8 UUID [RFC 9562 5.8]: 32 bits of minutes since epoch (ids sort by time), 28 bits of check, and the last 60 bits of
 * the schedule's id, which are random. Readable both ways, so that booking needs no table of slots.
 */
export function slotId(schedule: string, start: number): string {
  const minutes = Math.floor(start / 60_000);
  const check = checkOf(schedule, minutes);
  const tail = schedule.replaceAll('-', '').slice(-15);
  const hex = minutes.toString(16).padStart(8, '0');
  return `${hex}-${check.slice(0, 4)}-8${check.slice(4, 7)}-8${tail.slice(0, 3)}-${tail.slice(3)}`;
}

function checkOf(schedule: string, minutes: number): string {
  return createHash('sha256').update(`slot|${schedule}|${minutes}`).digest('hex').slice(0, 7);
}

const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/;

/** What the id of a slot and that of its schedule end with; few schedules share it, so the one is found without the others. */
export const scheduleTail = (slot: string): string => slot.slice(-16);

/** Which of `schedules` a slot id belongs to and when it starts; undefined for an id that was never ours. */
export function readSlotId(
  id: string,
  schedules: readonly string[],
): { schedule: string; start: number } | undefined {
  if (!shape.test(id)) return undefined;
  const start = Number.parseInt(id.slice(0, 8), 16) * 60_000;
  const schedule = schedules.find((one) => slotId(one, start) === id);
  return schedule === undefined ? undefined : { schedule, start };
}

/** Free times sorted into the reader's days and parts of a day. Pure. */
import type { FreeSlot } from '@afar/visits/contract';
import { addDays, dayKey, wallHour } from '../kit/time.ts';

export type Part = 'morning' | 'afternoon' | 'evening';

/** Seven days of a calendar, from a first one. */
export const weekFrom = (first: string): string[] =>
  Array.from({ length: 7 }, (_, index) => addDays(first, index));

/** The times of each day of the reader's zone, `YYYY-MM-DD` -> times in order. */
export function byDay(slots: readonly FreeSlot[], zone: string): Map<string, FreeSlot[]> {
  const days = new Map<string, FreeSlot[]>();
  for (const slot of slots) {
    const day = dayKey(slot.start, zone);
    const list = days.get(day);
    if (list) list.push(slot);
    else days.set(day, [slot]);
  }
  return days;
}

export function byPart(slots: readonly FreeSlot[], zone: string): Record<Part, FreeSlot[]> {
  const parts: Record<Part, FreeSlot[]> = { morning: [], afternoon: [], evening: [] };
  for (const slot of slots) {
    const hour = wallHour(slot.start, zone);
    parts[
      hour >= 4 && hour < 12 ? 'morning' : hour >= 12 && hour < 18 ? 'afternoon' : 'evening'
    ].push(slot);
  }
  return parts;
}

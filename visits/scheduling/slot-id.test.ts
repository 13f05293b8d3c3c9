/** Slot ids: the same for everybody, readable both ways, not forgeable into a time that another schedule owns. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { readSlotId, scheduleTail, slotId } from './slot-id.ts';

describe('a slot id', () => {
  const schedules = Array.from({ length: 50 }, () => randomUUID());
  const start = Date.UTC(2027, 2, 14, 13);

  it('is a version 8 UUID made of schedule and start alone', () => {
    const id = slotId(schedules[0]!, start);
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(slotId(schedules[0]!, start)).toBe(id);
  });

  it('tells its schedule and start again', () => {
    for (const schedule of schedules)
      expect(readSlotId(slotId(schedule, start), schedules)).toEqual({ schedule, start });
  });

  it('ends as its schedule does', () => {
    for (const schedule of schedules)
      expect(scheduleTail(slotId(schedule, start))).toBe(scheduleTail(schedule));
  });

  it('moved to another time by hand, it belongs to nobody', () => {
    const id = slotId(schedules[0]!, start);
    const moved = ((start + 1_800_000) / 60_000).toString(16).padStart(8, '0') + id.slice(8);
    expect(readSlotId(moved, schedules)).toBeUndefined();
    expect(readSlotId('nonsense', schedules)).toBeUndefined();
    expect(readSlotId(randomUUID(), schedules)).toBeUndefined();
  });

  it('sorts by time', () => {
    const ids = [0, 1, 2, 3].map((n) => slotId(schedules[n]!, start + n * 1_800_000));
    expect(ids.toSorted()).toEqual(ids);
  });
});

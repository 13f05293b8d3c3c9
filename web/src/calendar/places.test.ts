/** Arrow keys and the pointer find the free times, over columns without any, over clocks that change. */
import { expect, it } from 'vitest';
import { type Columns, landing, type Place, stepFrom } from './places.ts';

const zone = 'America/New_York';
const place = (at: string, clinician = 'a'): Place => {
  const start = Date.parse(at);
  return { slotId: at, clinician, start, end: start + 1_200_000 };
};
const days: Columns = { by: 'day', zone };
const week = ['2027-11-05', '2027-11-06', '2027-11-07'];
const places = [
  place('2027-11-05T14:00:00Z'), // Friday 10:00
  place('2027-11-05T14:30:00Z'),
  place('2027-11-07T05:30:00Z'), // Sunday 01:30, the first
  place('2027-11-07T06:30:00Z'), // and the second
  place('2027-11-07T15:30:00Z'), // Sunday 10:30
];

it('down and up go through the times of a day, both 01:30s too', () => {
  const go = (from: Place, step: 'later' | 'earlier') =>
    stepFrom(from, step, places, days, week)?.slotId;
  expect(go(places[0]!, 'later')).toBe('2027-11-05T14:30:00Z');
  expect(go(places[1]!, 'later')).toBeUndefined();
  expect(go(places[2]!, 'later')).toBe('2027-11-07T06:30:00Z');
  expect(go(places[3]!, 'earlier')).toBe('2027-11-07T05:30:00Z');
});

it('sideways finds the same hour on the next day that has any', () => {
  expect(stepFrom(places[1]!, 'forth', places, days, week)?.slotId).toBe('2027-11-07T15:30:00Z');
  expect(stepFrom(places[4]!, 'back', places, days, week)?.slotId).toBe('2027-11-05T14:30:00Z');
  expect(stepFrom(places[4]!, 'forth', places, days, week)).toBeUndefined();
});

it('columns of clinicians are stepped through as they stand', () => {
  const both = [place('2027-11-05T14:00:00Z'), place('2027-11-05T15:00:00Z', 'b')];
  const columns: Columns = { by: 'clinician', zone };
  expect(stepFrom(both[0]!, 'forth', both, columns, ['a', 'b'])?.clinician).toBe('b');
  expect(stepFrom(both[0]!, 'back', both, columns, ['a', 'b'])).toBeUndefined();
});

it('a dragged visit lands on the nearest free time, and nowhere when none is near', () => {
  expect(landing('2027-11-05', 610, places, days)?.slotId).toBe('2027-11-05T14:00:00Z');
  expect(landing('2027-11-05', 620, places, days)?.slotId).toBe('2027-11-05T14:30:00Z');
  expect(landing('2027-11-05', 900, places, days)).toBeUndefined();
  expect(landing('2027-11-06', 600, places, days)).toBeUndefined();
});

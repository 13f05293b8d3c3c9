/** Days and parts of days as the reader's zone has them. */
import { expect, it } from 'vitest';
import { byDay, byPart, weekFrom } from './days.ts';

const slot = (start: string) => ({ id: start, start, end: start });

it('puts a New York afternoon on the next day of a reader in Tokyo', () => {
  const slots = [slot('2027-03-15T13:00:00.000Z'), slot('2027-03-15T20:00:00.000Z')];
  expect([...byDay(slots, 'America/New_York').keys()]).toEqual(['2027-03-15']);
  expect([...byDay(slots, 'Asia/Tokyo').keys()]).toEqual(['2027-03-15', '2027-03-16']);
});

it('splits a day where people split it', () => {
  const slots = ['09:00', '12:00', '17:59', '18:00'].map((time) =>
    slot(`2027-03-15T${time}:00.000Z`),
  );
  const parts = byPart(slots, 'UTC');
  expect(parts.morning).toHaveLength(1);
  expect(parts.afternoon).toHaveLength(2);
  expect(parts.evening).toHaveLength(1);
});

it('counts a week over the end of a month', () => {
  expect(weekFrom('2027-02-26')[3]).toBe('2027-03-01');
});

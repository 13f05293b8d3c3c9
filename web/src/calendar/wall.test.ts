/** The ruler of the day where clocks change, and what is drawn on it. */
import { describe, expect, it } from 'vitest';
import { piecesOf, sideBySide, weekOf } from './layout.ts';
import { atWall, isShownTwice, missingHour, wallMinutes } from './wall.ts';

const ny = 'America/New_York';
const ms = (at: string): number => Date.parse(at);

describe('the wall clock as a ruler', () => {
  it('spring: 02:30 is not there, its mark is the moment of the leap', () => {
    expect(missingHour('2027-03-14', ny)).toEqual({ from: 120, to: 180 });
    expect(missingHour('2027-03-15', ny)).toBeUndefined();
    expect(missingHour('2027-11-07', ny)).toBeUndefined();
    expect(atWall('2027-03-14', 150, ny)).toBe(ms('2027-03-14T07:00:00Z'));
    expect(atWall('2027-03-14', 180, ny)).toBe(ms('2027-03-14T07:00:00Z'));
    expect(atWall('2027-03-14', 90, ny)).toBe(ms('2027-03-14T06:30:00Z'));
  });

  it('autumn: 01:30 is there twice, its mark is the first of both', () => {
    const [first, second] = [ms('2027-11-07T05:30:00Z'), ms('2027-11-07T06:30:00Z')];
    expect(atWall('2027-11-07', 90, ny)).toBe(first);
    expect(wallMinutes(first, ny)).toBe(90);
    expect(wallMinutes(second, ny)).toBe(90);
    expect([first, second].map((at) => isShownTwice(at, ny))).toEqual([true, true]);
    expect(isShownTwice(ms('2027-11-07T07:30:00Z'), ny)).toBe(false);
    expect(atWall('2027-11-07', 600, ny)).toBe(ms('2027-11-07T15:00:00Z'));
  });

  it('other days, zones with half hours, midnights that are not there', () => {
    expect(atWall('2027-07-05', 545, 'Asia/Kolkata')).toBe(ms('2027-07-05T03:35:00Z'));
    expect(wallMinutes(ms('2027-07-05T03:35:00Z'), 'Asia/Kolkata')).toBe(545);
    expect(atWall('2027-04-23', 0, 'Africa/Cairo')).toBe(ms('2027-04-22T22:00:00Z'));
    expect(isShownTwice(ms('2027-07-05T03:35:00Z'), 'Asia/Kolkata')).toBe(false);
  });
});

describe('pieces', () => {
  it('a visit over midnight has a piece on both days', () => {
    const night = { start: ms('2027-07-05T03:30:00Z'), end: ms('2027-07-05T04:30:00Z') };
    expect(piecesOf(night, ny)).toEqual([
      { day: '2027-07-04', from: 1410, to: 1440, begun: false, goesOn: true },
      { day: '2027-07-05', from: 0, to: 30, begun: true, goesOn: false },
    ]);
    const untilMidnight = { start: ms('2027-07-05T03:30:00Z'), end: ms('2027-07-05T04:00:00Z') };
    expect(piecesOf(untilMidnight, ny)).toEqual([
      { day: '2027-07-04', from: 1410, to: 1440, begun: false, goesOn: false },
    ]);
  });

  it('a visit while the clock goes back is as long as it lasts', () => {
    const visit = { start: ms('2027-11-07T05:45:00Z'), end: ms('2027-11-07T06:15:00Z') };
    expect(piecesOf(visit, ny)).toMatchObject([{ from: 105, to: 135 }]);
  });

  it('what meets stands side by side, both of two 01:30s too', () => {
    const visits = ['05:30', '06:30', '09:00'].map((clock) => {
      const start = ms(`2027-11-07T${clock}:00Z`);
      return { item: clock, piece: piecesOf({ start, end: start + 1_800_000 }, ny)[0]! };
    });
    expect(sideBySide(visits).map(({ item, lane, lanes }) => [item, lane, lanes])).toEqual([
      ['05:30', 0, 2],
      ['06:30', 1, 2],
      ['09:00', 0, 1],
    ]);
  });
});

it('a week begins where the reader begins it', () => {
  expect(weekOf('2027-03-14', 1)[0]).toBe('2027-03-08');
  expect(weekOf('2027-03-14', 7)[0]).toBe('2027-03-14');
  expect(weekOf('2027-03-10', 7)).toEqual([
    '2027-03-07',
    '2027-03-08',
    '2027-03-09',
    '2027-03-10',
    '2027-03-11',
    '2027-03-12',
    '2027-03-13',
  ]);
});

/** What the keeper of a rule is shown is what the rule will offer: overnight, over clock changes, with days that differ. */
import { expect, it } from 'vitest';
import type { ScheduleRule } from '@afar/visits/contract';
import { openOn, timesOn } from './times-of.ts';

const rule: ScheduleRule = {
  clinician: '5a0e6c0e-8a4b-4a57-9d38-6a4e7c1f0b11',
  zone: 'America/New_York',
  slotMinutes: 30,
  bufferBefore: 0,
  bufferAfter: 0,
  capacity: 1,
  noticeMinutes: 0,
  horizonDays: 60,
  modes: ['video'],
  hours: [
    { day: 1, start: '09:00', end: '10:30' },
    { day: 6, start: '22:00', end: '03:00' },
    { day: 7, start: '00:30', end: '03:00' },
  ],
  exceptions: [{ date: '2027-03-15', hours: [{ start: '14:00', end: '15:00' }], adds: true }],
  closures: [{ from: '2027-03-22', to: '2027-03-23' }],
  active: true,
};
const iso = (times: number[]) => times.map((at) => new Date(at).toISOString().slice(11, 16));

it('a usual Monday, one with more, one that is closed', () => {
  expect(iso(timesOn(rule, '2027-03-08'))).toEqual(['14:00', '14:30', '15:00']);
  expect(iso(timesOn(rule, '2027-03-15'))).toEqual(['13:00', '13:30', '14:00', '18:00', '18:30']);
  expect(timesOn(rule, '2027-03-22')).toEqual([]);
  const instead = { ...rule, exceptions: [{ date: '2027-03-08', hours: [] }] };
  expect(timesOn(instead, '2027-03-08')).toEqual([]);
});

it('spring: a night is an hour shorter, and 02:30 is not offered', () => {
  expect(iso(timesOn(rule, '2027-03-14'))).toEqual(['05:30', '06:00', '06:30']);
  expect(timesOn(rule, '2027-03-13')).toHaveLength(8);
});

it('autumn: 01:30 is offered twice', () => {
  expect(iso(timesOn(rule, '2027-11-07'))).toEqual([
    '04:30',
    '05:00',
    '05:30',
    '06:00',
    '06:30',
    '07:00',
    '07:30',
  ]);
});

it('buffers stand between, and half-written rules offer nothing', () => {
  expect(iso(timesOn({ ...rule, bufferAfter: 15 }, '2027-03-08'))).toEqual(['14:00', '14:45']);
  expect(timesOn({ ...rule, slotMinutes: 0 }, '2027-03-08')).toEqual([]);
  expect(timesOn({ ...rule, bufferAfter: Number.NaN }, '2027-03-08')).toEqual([]);
  const half = { ...rule, hours: [{ day: 1 as const, start: '', end: '10:00' }] };
  expect(openOn(half, '2027-03-08')).toEqual([]);
});

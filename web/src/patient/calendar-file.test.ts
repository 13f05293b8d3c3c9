/** What leaves for a person's calendar. */
import { expect, it } from 'vitest';
import { calendarFile } from './calendar-file.ts';

it('says when, and nothing about why or with whom', () => {
  const visit = {
    id: '5a0e6c0e-8a4b-4a57-9d38-6a4e7c1f0b11',
    start: '2027-03-15T13:00:00.000Z',
    end: '2027-03-15T13:20:00.000Z',
    reason: 'Palpitations',
    clinician: { id: 'c', name: 'Dr. Weiss', specialty: 'Cardiology' },
  };
  const file = calendarFile(visit, 'Visit, with your clinic', 'https://clinic.example', 0);
  expect(file).toContain('DTSTART:20270315T130000Z\r\n');
  expect(file).toContain('DTEND:20270315T132000Z\r\n');
  expect(file).toContain('SUMMARY:Visit\\, with your clinic\r\n');
  expect(file).not.toMatch(/Palpitations|Weiss|Cardiology/);
  expect(file.split('\r\n').every((line) => line.length <= 75)).toBe(true);
});

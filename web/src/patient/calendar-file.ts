/** A visit as an iCalendar file that says when and nothing about why or with whom [RFC 5545]. Pure. */
import type { AppointmentView } from '@afar/visits/contract';

const stamp = (at: string | number): string =>
  new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');

/** Calendars are shared and synchronised: the title is neutral and no detail of the visit is in it. */
export function calendarFile(
  visit: Pick<AppointmentView, 'id' | 'start' | 'end'>,
  title: string,
  origin: string,
  now = Date.now(),
): string {
  return [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Afar//Visits//EN',
    'BEGIN:VEVENT',
    `UID:${visit.id}@afar`,
    `DTSTAMP:${stamp(now)}`,
    `DTSTART:${stamp(visit.start)}`,
    `DTEND:${stamp(visit.end)}`,
    `SUMMARY:${title.replaceAll(/([,;\\])/g, '\\$1')}`,
    `URL:${origin}/patient`,
    'BEGIN:VALARM',
    'ACTION:DISPLAY',
    `DESCRIPTION:${title.replaceAll(/([,;\\])/g, '\\$1')}`,
    'TRIGGER:-PT15M',
    'END:VALARM',
    'END:VEVENT',
    'END:VCALENDAR',
    '',
  ].join('\r\n');
}

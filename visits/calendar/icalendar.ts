/** A calendar file: appointments as events [RFC 5545], told as published or cancelled [RFC 5546]. */
import type { VisitState } from '../contract.ts';
import { escapeText, lines, parameterValue, utc, type Line } from './content-lines.ts';

export interface Event {
  /** Appointment id: a UUID stays the same for ever [RFC 7986 5.3]. */
  uid: string;
  starts: number;
  ends: number;
  /** Grows with every move and when it is called off [RFC 5545 3.8.7.4]. */
  sequence: number;
  state: VisitState;
  summary: string;
}

export interface CalendarFile {
  method: 'PUBLISH' | 'CANCEL';
  /** Name of a subscribed calendar; absent for one appointment. */
  name?: string;
  organizer: { name: string; mail: string };
  /** Where the owner signs in. */
  url: string;
  now: number;
  events: readonly Event[];
}

/** [RFC 5545 3.8.1.11] */
function statusOf(state: VisitState): string {
  if (state === 'cancelled') return 'CANCELLED';
  return state === 'requested' ? 'TENTATIVE' : 'CONFIRMED';
}

function eventLines(file: CalendarFile, event: Event): Line[] {
  const { organizer, url, now } = file;
  return [
    ['BEGIN', 'VEVENT'],
    ['UID', event.uid],
    ['DTSTAMP', utc(now)],
    ['DTSTART', utc(event.starts)],
    ['DTEND', utc(event.ends)],
    ['SEQUENCE', String(event.sequence)],
    ['STATUS', statusOf(event.state)],
    ['SUMMARY', escapeText(event.summary)],
    [`ORGANIZER;CN=${parameterValue(organizer.name)}`, `mailto:${organizer.mail}`],
    // Shared calendars show others that the time is taken, and no more.
    ['CLASS', 'PRIVATE'],
    ['TRANSP', event.state === 'cancelled' ? 'TRANSPARENT' : 'OPAQUE'],
    ['URL', url],
    ['END', 'VEVENT'],
  ];
}

/** The file as text, lines ended by CRLF. Instants are UTC: no VTIMEZONE that could be out of date. */
export function calendarFile(file: CalendarFile): string {
  const { name } = file;
  return lines([
    ['BEGIN', 'VCALENDAR'],
    ['VERSION', '2.0'],
    ['PRODID', '-//Afar//Visits//EN'],
    ['CALSCALE', 'GREGORIAN'],
    ['METHOD', file.method],
    ...(name === undefined
      ? []
      : ([
          // [RFC 7986 5.1, 5.7], and what readers knew before it.
          ['NAME', escapeText(name)],
          ['X-WR-CALNAME', escapeText(name)],
          ['REFRESH-INTERVAL;VALUE=DURATION', 'PT1H'],
          ['X-PUBLISHED-TTL', 'PT1H'],
        ] satisfies Line[])),
    ...file.events.flatMap((event) => eventLines(file, event)),
    ['END', 'VCALENDAR'],
  ]);
}

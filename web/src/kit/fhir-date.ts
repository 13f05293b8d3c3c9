/** A FHIR date in words, as precise as it was written: a year stays a year, a day is that day in every zone. */
import { shortDate } from './time.ts';

/** `2018`, `2018-12`, `2018-12-14` or an instant [FHIR R4 datatypes.html#dateTime]; an instant is told in the reader's zone. */
export function fhirDateText(value: string, zone: string, locale: string): string {
  if (value.length <= 4) return value;
  if (value.length === 7)
    return new Intl.DateTimeFormat(locale, {
      month: 'short',
      year: 'numeric',
      timeZone: 'UTC',
    }).format(Date.parse(`${value}-15T12:00:00Z`));
  return value.length === 10
    ? shortDate(`${value}T12:00:00Z`, 'UTC', locale)
    : shortDate(value, zone, locale);
}

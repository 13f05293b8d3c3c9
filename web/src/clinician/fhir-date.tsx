/** A FHIR date as precise as it was written: a year stays a year. */
import { useReader } from '../shell/session.ts';
import { shortDate } from '../kit/time.ts';
import classes from './chart.module.css';

export function FhirDate({ value }: { value: string | undefined }) {
  const { zone, locale } = useReader();
  if (!value) return null;
  const text =
    value.length <= 4
      ? value
      : value.length === 7
        ? new Intl.DateTimeFormat(locale, {
            month: 'short',
            year: 'numeric',
            timeZone: 'UTC',
          }).format(Date.parse(`${value}-15T12:00:00Z`))
        : value.length === 10
          ? shortDate(`${value}T12:00:00Z`, 'UTC', locale)
          : shortDate(value, zone, locale);
  return (
    <time className={classes.date} dateTime={value}>
      {text}
    </time>
  );
}

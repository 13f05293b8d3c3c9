/** A FHIR date on screen, as precise as it was written. */
import { fhirDateText } from '../kit/fhir-date.ts';
import { useReader } from '../shell/session.ts';
import classes from './chart.module.css';

export function FhirDate({ value }: { value: string | undefined }) {
  const { zone, locale } = useReader();
  if (!value) return null;
  return (
    <time className={classes.date} dateTime={value}>
      {fhirDateText(value, zone, locale)}
    </time>
  );
}

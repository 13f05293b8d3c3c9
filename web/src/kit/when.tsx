/** An instant on screen: the reader's time first, the clinic's beside it only where it differs. */
import { useTranslation } from 'react-i18next';
import { comma } from './comma.ts';
import { useReader } from '../shell/session.ts';
import { clockTime, type Instant, longDay, toMs, zoneName, zonesDiffer } from './time.ts';

interface Props {
  at: Instant;
  /** The clinic's zone. */
  clinicZone?: string;
}

/** "Tuesday, 24 November, 9:30 AM" and, where it differs, the clinic's clock. */
export function When({ at, clinicZone }: Props) {
  const { zone, locale } = useReader();
  return (
    <>
      <time dateTime={new Date(toMs(at)).toISOString()}>
        {[longDay(at, zone, locale), clockTime(at, zone, locale)].join(comma(locale))}
      </time>
      {clinicZone && <ClinicTime at={at} clinicZone={clinicZone} />}
    </>
  );
}

/** Nothing where the clinic's clock shows the same time. */
export function ClinicTime({ at, clinicZone }: { at: Instant; clinicZone: string }) {
  const { t } = useTranslation('patient');
  const { zone, locale } = useReader();
  if (!zonesDiffer(at, zone, clinicZone)) return null;
  return (
    <span className="afar-clinic-time">
      {t('book.clinicZone', {
        time: clockTime(at, clinicZone, locale),
        zone: zoneName(at, clinicZone, locale),
      })}
    </span>
  );
}

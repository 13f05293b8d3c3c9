/** One visit of the day that nobody waits for yet. */
import { Badge } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { AppointmentView } from '@afar/visits/contract';
import { clockTime, weekDate } from '../kit/time.ts';
import { useReader } from '../shell/session.ts';
import classes from './home.module.css';

export function AgendaRow({
  visit,
  withDay = false,
}: {
  visit: AppointmentView;
  withDay?: boolean;
}) {
  const { t } = useTranslation('clinician');
  const { t: common } = useTranslation();
  const { zone, locale } = useReader();
  return (
    <li className={classes.row}>
      <time className={classes.rowTime} dateTime={visit.start}>
        {withDay && <small>{weekDate(visit.start, zone, locale)}</small>}
        {clockTime(visit.start, zone, locale)}
      </time>
      <div className={classes.rowWho}>
        <Link
          to="/clinician/visits/$visitId"
          params={{ visitId: visit.id }}
          className={classes.rowLink}
        >
          {visit.patient?.name ?? t('unnamed')}
        </Link>
        <span className={classes.soft}>{visit.reason}</span>
      </div>
      <div className={classes.rowFacts}>
        {visit.redFlag && <Badge color="brick">{t('queue.redFlag')}</Badge>}
        <Badge color="gray">{common(`visitType.${visit.mode}`)}</Badge>
        {visit.intake === 'completed' && <Badge color="lagoon">{t('agenda.intake')}</Badge>}
      </div>
    </li>
  );
}

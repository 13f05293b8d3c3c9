/** One visit as a line: when, with whom, what for, and what stands behind it. */
import { Badge } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { IconChevronRight } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { AppointmentView } from '@afar/visits/contract';
import { clockTime, datePart, toMs } from '../kit/time.ts';
import { useReader } from '../shell/session.ts';
import { useWithWhom } from '../on-demand/with-whom.ts';
import { useNow } from '../kit/use-now.ts';
import classes from './patient.module.css';
import { summaryMayCome } from './summary-due.ts';

export function VisitRow({ visit }: { visit: AppointmentView }) {
  const withWhom = useWithWhom();
  const { zone, locale } = useReader();
  return (
    <Link
      to="/patient/visits/$visitId"
      params={{ visitId: visit.id }}
      className={classes.row}
      data-testid="visit-row"
    >
      <time className={classes.date} dateTime={visit.start}>
        <span className={classes.dateMonth}>{datePart(visit.start, zone, locale, 'month')}</span>
        <span className={classes.dateDay}>{datePart(visit.start, zone, locale, 'day')}</span>
        <span className={classes.dateYear}>{new Date(toMs(visit.start)).getFullYear()}</span>
      </time>
      <span className={classes.rowWords}>
        <span className={classes.rowTitle}>{visit.reason}</span>
        <span className={classes.rowText}>
          {withWhom(visit)}
          {visit.clinician.specialty && ` · ${visit.clinician.specialty}`} ·{' '}
          {clockTime(visit.start, zone, locale)}
        </span>
      </span>
      <RowBadge visit={visit} />
      <IconChevronRight size={20} aria-hidden="true" className={classes.chevron} />
    </Link>
  );
}

function RowBadge({ visit }: { visit: AppointmentView }) {
  const { t } = useTranslation(['patient', 'booking']);
  const now = useNow(60_000);
  if (visit.state === 'requested')
    return <Badge color="ember">{t('booking:requested.mark')}</Badge>;
  if (visit.state === 'cancelled') return <Badge color="gray">{t('home.cancelled')}</Badge>;
  if (visit.state === 'no-show') return <Badge color="gray">{t('home.noShow')}</Badge>;
  if (visit.summaryReady) return <Badge>{t('home.summary')}</Badge>;
  if (visit.state === 'ended' && summaryMayCome(visit.end, now))
    return <Badge color="ember">{t('home.summaryPending')}</Badge>;
  return null;
}

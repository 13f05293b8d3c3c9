/** What becomes of each date of a series: booked or moved, or why not. */
import { IconCheck, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { SeriesReport } from '@afar/visits/contract';
import { useMoment } from './move-bar.tsx';
import classes from './series.module.css';

interface Props {
  report: SeriesReport;
  zone: string;
  /** They were moved, not made. */
  moved?: boolean;
}

export function SeriesDates({ report, zone, moved = false }: Props) {
  const { t } = useTranslation('calendar');
  const moment = useMoment(zone);
  const bad = report.dates.filter((one) => one.conflict).length;
  const key = moved ? (report.done ? 'seriesMoved' : 'seriesNotMoved') : 'seriesDates';
  return (
    <div data-testid="series-report">
      <p className={classes.title} role="status">
        {t(key, { count: report.dates.length - bad })}{' '}
        {bad > 0 && t('seriesConflicts', { count: bad })}
      </p>
      <ol className={classes.dates}>
        {report.dates.map(({ index, start, conflict }) => (
          <li key={index} data-conflict={conflict}>
            {conflict ? (
              <IconX size={16} aria-hidden="true" />
            ) : (
              <IconCheck size={16} aria-hidden="true" />
            )}
            <span>
              {moment(Date.parse(start))}
              {conflict && <span className={classes.why}>{t(`conflict.${conflict}`)}</span>}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}

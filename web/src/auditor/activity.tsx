/** Activity over time as bars: what was answered, and on top what was refused. */
import { useTranslation } from 'react-i18next';
import type { AuditSummary } from '@afar/access/contract';
import { clockTime, shortDate } from '../kit/time.ts';
import { useReader } from '../shell/session.ts';
import { bins } from './bins.ts';
import classes from './auditor.module.css';

const height = 120;

export function Activity({ summary }: { summary: AuditSummary }) {
  const { t } = useTranslation('auditor');
  const { zone, locale } = useReader();
  const bars = bins(summary.hours, summary.from, summary.to);
  const most = Math.max(1, ...bars.map((bar) => bar.count));
  const tall = (count: number): number => (count === 0 ? 0 : Math.max(2, (count / most) * height));
  const label = (at: number): string =>
    `${shortDate(at, zone, locale)}, ${clockTime(at, zone, locale)}`;
  return (
    <figure className={classes.activity}>
      <figcaption className={classes.legend}>
        <span className={classes.keyDone}>{t('activity.done')}</span>
        <span className={classes.keyRefused}>{t('activity.refused')}</span>
        <span className={classes.most}>{t('activity.most', { count: most })}</span>
      </figcaption>
      <svg
        viewBox={`0 0 ${bars.length * 10} ${height}`}
        preserveAspectRatio="none"
        className={classes.bars}
        role="img"
        aria-label={t('activity.label', {
          total: summary.total,
          refused: summary.refused,
          from: label(summary.from),
          to: label(summary.to),
        })}
      >
        {bars.map((bar, at) => {
          const refused = bar.refused > 0 ? Math.max(2, (bar.refused / most) * height) : 0;
          const all = Math.max(tall(bar.count), refused);
          return (
            <g key={bar.from}>
              <title>{`${label(bar.from)}: ${bar.count}, ${t('activity.refused')}: ${bar.refused}`}</title>
              <rect x={at * 10} y={0} width={10} height={height} className={classes.hit} />
              <rect
                x={at * 10 + 1.5}
                y={height - all}
                width={7}
                height={all}
                className={classes.done}
              />
              <rect
                x={at * 10 + 1.5}
                y={height - all}
                width={7}
                height={refused}
                className={classes.refused}
              />
            </g>
          );
        })}
      </svg>
      <div className={classes.axis} aria-hidden="true">
        <span>{label(summary.from)}</span>
        <span>{label(summary.to)}</span>
      </div>
    </figure>
  );
}

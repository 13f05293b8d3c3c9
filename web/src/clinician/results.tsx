/** Results over time: one small chart for each value people follow, then the newest of everything else. */
import { Button } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { conceptText } from '../kit/fhir.ts';
import { LineChart } from '../kit/line-chart.tsx';
import { resultValue } from '../kit/observation.ts';
import { Pending } from '../kit/page.tsx';
import { shortDate } from '../kit/time.ts';
import { Trouble } from '../kit/trouble.tsx';
import { useReader } from '../shell/session.ts';
import classes from './chart.module.css';
import type { Chart } from './chart-data.ts';
import { FhirDate } from './fhir-date.tsx';
import { type Trend, trends } from './trends.ts';

interface Props {
  results: Chart['results'];
  /** Only the first few charts, with a way to the rest. */
  most?: number;
  onMore?: () => void;
}

export function Results({ results, most, onMore }: Props) {
  const { t } = useTranslation('clinician');
  const { t: common } = useTranslation();
  const { locale } = useReader();
  const [lines, setLines] = useState(60);
  const all = useMemo(() => trends(results.data ?? [], locale), [results.data, locale]);
  const shown = most ? all.slice(0, most) : all;
  return (
    <section className={classes.results} aria-label={t('results.title')}>
      {results.isPending && <Pending rows={2} height={160} />}
      {results.isError && <Trouble error={results.error} retry={() => void results.refetch()} />}
      {results.data?.length === 0 && <p className={classes.soft}>{t('results.none')}</p>}
      <div className={classes.trends}>
        {shown.map((trend) => (
          <TrendCard key={trend.key} trend={trend} />
        ))}
      </div>
      {most && all.length > most && onMore && (
        <Button variant="subtle" size="compact-md" onClick={onMore}>
          {t('results.more', { count: all.length - most })}
        </Button>
      )}
      {!most && results.data && results.data.length > 0 && (
        <section className={classes.card}>
          <h2 className={classes.cardTitle}>{t('results.newest')}</h2>
          <ul className={classes.lines}>
            {results.data.slice(0, lines).map((item) => (
              <li key={item.id}>
                <b>{conceptText(item.code)}</b>
                <bdi className="afar-figures">{resultValue(item, locale)}</bdi>
                <FhirDate value={item.effectiveDateTime} />
              </li>
            ))}
          </ul>
          {results.data.length > lines && (
            <Button
              variant="subtle"
              size="compact-md"
              className={classes.unfold!}
              onClick={() => setLines(lines + 120)}
            >
              {common('more')}
            </Button>
          )}
        </section>
      )}
    </section>
  );
}

function TrendCard({ trend }: { trend: Trend }) {
  const { t } = useTranslation('clinician');
  const { zone, locale } = useReader();
  const date = shortDate(trend.latest.at, zone, locale);
  const values = trend.series.flatMap((one) => one.points.map(([, value]) => value));
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
  return (
    <figure className={classes.trend}>
      <figcaption>
        <span className={classes.trendTitle}>{trend.title}</span>
        <span className={classes.trendNow}>
          <b className="afar-figures" dir="auto">
            {trend.latest.text}
          </b>
          <small>{date}</small>
        </span>
      </figcaption>
      {trend.series.length > 1 && (
        <ul className={classes.keys}>
          {trend.series.map((one) => (
            <li key={one.label}>{one.label}</li>
          ))}
        </ul>
      )}
      <LineChart
        series={trend.series}
        locale={locale}
        label={t('results.chart', {
          name: trend.title,
          latest: trend.latest.text,
          date,
          low: number.format(Math.min(...values)),
          high: number.format(Math.max(...values)),
          count: trend.series[0]!.points.length,
        })}
      />
    </figure>
  );
}

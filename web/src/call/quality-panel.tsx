/** How the line has been since the call began: drawn, and as a table of the same figures. */
import { SegmentedControl } from '@mantine/core';
import { lazy, Suspense, useState, useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { QualitySample } from '@afar/visits/contract';
import { clockTime } from '../kit/time.ts';
import { useReader } from '../shell/session.ts';
import type { CallSession } from './call-session.ts';
import classes from './quality-panel.module.css';

/** Asked for on a line that is broken, perhaps: a call must not end because its chart did not come. */
const Chart = lazy(() => import('./quality-chart.tsx').catch(() => ({ default: NoChart })));

function NoChart() {
  const { t } = useTranslation('quality');
  return (
    <p role="status" className={classes.soft}>
      {t('noChart')}
    </p>
  );
}

export type Figure = 'rttMs' | 'loss' | 'concealed' | 'kbps' | 'freezes';
export const figures: readonly Figure[] = ['rttMs', 'loss', 'concealed', 'kbps', 'freezes'];

const higher = (one: number | undefined, other: number | undefined): number | undefined =>
  one === undefined && other === undefined ? undefined : Math.max(one ?? 0, other ?? 0);

/** A figure of a sample as it is shown: per cent for shares, the worse way for loss, both ways together for the rate. */
export function figureOf(sample: QualitySample, figure: Figure): number | undefined {
  if (figure === 'loss') {
    const loss = higher(sample.lossIn, sample.lossOut);
    return loss === undefined ? undefined : loss * 100;
  }
  if (figure === 'kbps') return (sample.kbpsIn ?? 0) + (sample.kbpsOut ?? 0);
  if (figure === 'concealed')
    return sample.concealed === undefined ? undefined : sample.concealed * 100;
  return sample[figure];
}

/** The last ten minutes are enough rows to read. */
const mostRows = 120;

export function QualityPanel({ session }: { session: CallSession }) {
  const { t } = useTranslation('quality');
  const { locale, zone } = useReader();
  const history = useSyncExternalStore(session.subscribe, () => session.reporting.history);
  const [view, setView] = useState<'chart' | 'table'>('chart');
  const [figure, setFigure] = useState<Figure>('loss');
  const format = (value: number | undefined, digits: number): string =>
    value === undefined
      ? '–'
      : new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value);
  const digitsOf = (one: Figure): number => (one === 'loss' || one === 'concealed' ? 1 : 0);
  if (history.length === 0) return <p className={classes.soft}>{t('soon')}</p>;
  const last = history.at(-1)!;
  return (
    <div className={classes.panel} data-testid="quality-panel">
      <dl className={classes.now}>
        {figures.map((one) => (
          <div key={one}>
            <dt>{t(`figure.${one}`)}</dt>
            <dd className="afar-figures">{format(figureOf(last, one), digitsOf(one))}</dd>
          </div>
        ))}
      </dl>
      <SegmentedControl
        size="xs"
        fullWidth
        aria-label={t('view')}
        value={view}
        onChange={(value) => setView(value as 'chart' | 'table')}
        data={[
          { value: 'chart', label: t('chart') },
          { value: 'table', label: t('table') },
        ]}
      />
      {view === 'chart' ? (
        <>
          <select
            className={classes.choose}
            aria-label={t('choose')}
            value={figure}
            onChange={(event) => setFigure(event.currentTarget.value as Figure)}
          >
            {figures.map((one) => (
              <option key={one} value={one}>
                {t(`figure.${one}`)}
              </option>
            ))}
          </select>
          <Suspense fallback={<div className={classes.blank} />}>
            <Chart
              label={t('drawn', { figure: t(`figure.${figure}`) })}
              points={history.flatMap((sample) => {
                const value = figureOf(sample, figure);
                return value === undefined ? [] : [[Date.parse(sample.at), value]];
              })}
            />
          </Suspense>
        </>
      ) : (
        <div className={classes.scroll} tabIndex={0} role="region" aria-label={t('table')}>
          <table className={classes.table}>
            <thead>
              <tr>
                <th scope="col">{t('time')}</th>
                {figures.map((one) => (
                  <th key={one} scope="col">
                    {t(`figure.${one}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody className="afar-figures">
              {history
                .slice(-mostRows)
                .toReversed()
                .map((sample) => (
                  <tr key={sample.at}>
                    <th scope="row">{clockTime(sample.at, zone, locale)}</th>
                    {figures.map((one) => (
                      <td key={one}>{format(figureOf(sample, one), digitsOf(one))}</td>
                    ))}
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

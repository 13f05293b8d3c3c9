/** How visits were carried, for who runs the clinic: days, kinds of visit, counts; no patients. */
import { SegmentedControl } from '@mantine/core';
import { queryOptions, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { QualityByDay, QualityCell } from '@afar/visits/contract';
import { api } from '../../kit/api.ts';
import { Empty } from '../../kit/empty.tsx';
import { Page, Pending } from '../../kit/page.tsx';
import { Trouble } from '../../kit/trouble.tsx';
import { useReader } from '../../shell/session.ts';
import { OfficeTabs } from '../office-tabs.tsx';
import classes from './connections.module.css';

const ranges = ['7', '30', '90'] as const;

const qualityQuery = (days: string) =>
  queryOptions({
    queryKey: ['visits-quality', days],
    queryFn: () => api.get<QualityByDay>(`/api/visits-quality?days=${days}`),
  });

export function ConnectionsPage() {
  const { t } = useTranslation('quality');
  const [days, setDays] = useState<string>('30');
  const found = useQuery(qualityQuery(days));
  return (
    <Page title={t('office.title')} lead={t('office.lead')} width="wide">
      <OfficeTabs />
      <SegmentedControl
        aria-label={t('office.days')}
        value={days}
        onChange={setDays}
        data={ranges.map((value) => ({
          value,
          label: t('office.range', { count: Number(value) }),
        }))}
      />
      {found.isPending ? (
        <Pending rows={3} height={72} />
      ) : found.isError ? (
        <Trouble error={found.error} retry={() => void found.refetch()} />
      ) : found.data.total.visits === 0 ? (
        <Empty text={t('office.none')} />
      ) : (
        <Found found={found.data} />
      )}
    </Page>
  );
}

const grades = ['good', 'fair', 'poor', 'unknown'] as const;

function Found({ found }: { found: QualityByDay }) {
  const { t } = useTranslation('quality');
  const { locale } = useReader();
  const { total } = found;
  const percent = (value: number): string =>
    new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }).format(value);
  const measured = total.visits - total.unknown;
  const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
  return (
    <div className={classes.found} data-testid="connections">
      {measured > 0 && (
        <p className={classes.headline}>
          {t('office.share', { share: percent(total.good / measured), count: measured })}
        </p>
      )}
      <dl className={classes.means}>
        {(
          [
            ['rtt', total.rttMs, (value: number) => t('office.ms', { value })],
            ['loss', total.loss, percent],
            ['concealed', total.concealed, percent],
          ] as const
        ).map(
          ([name, value, said]) =>
            value !== undefined && (
              <div key={name}>
                <dt>{t(`office.${name}`)}</dt>
                <dd className="afar-figures">{said(value)}</dd>
              </div>
            ),
        )}
        <div>
          <dt>{t('office.toAudio')}</dt>
          <dd className="afar-figures">{total.toAudio}</dd>
        </div>
        <div>
          <dt>{t('office.toPhone')}</dt>
          <dd className="afar-figures">{total.toPhone}</dd>
        </div>
      </dl>
      <Cells
        title={t('office.mode')}
        rows={found.modes.map((cell) => ({ name: modeName(t, cell.mode), cell }))}
      />
      <Cells
        title={t('office.day')}
        rows={found.days
          .toReversed()
          .map((cell) => ({ name: day.format(new Date(`${cell.day}T00:00:00Z`)), cell }))}
      />
    </div>
  );
}

const modes = ['video', 'audio', 'chat', 'phone', 'in-person'] as const;

function modeName(t: ReturnType<typeof useTranslation<'quality'>>['t'], mode: string): string {
  const known = modes.find((one) => one === mode);
  return known ? t(`office.modes.${known}`) : mode;
}

function Cells({ title, rows }: { title: string; rows: { name: string; cell: QualityCell }[] }) {
  const { t } = useTranslation('quality');
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={title}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th scope="col">{title}</th>
            <th scope="col">{t('office.visits')}</th>
            <th scope="col" className={classes.barHead}>
              <span className="afar-hidden">{t('office.legend')}</span>
            </th>
            {grades.map((grade) => (
              <th key={grade} scope="col">
                <span className={classes.key} data-grade={grade} aria-hidden="true" />
                {t(`office.${grade}`)}
              </th>
            ))}
            <th scope="col">{t('office.toAudio')}</th>
            <th scope="col">{t('office.toPhone')}</th>
          </tr>
        </thead>
        <tbody className="afar-figures">
          {rows.map(({ name, cell }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{cell.visits}</td>
              <td>
                <svg
                  viewBox={`0 0 ${cell.visits} 1`}
                  preserveAspectRatio="none"
                  className={classes.bar}
                  aria-hidden="true"
                >
                  {grades.map((grade, at) => (
                    <rect
                      key={grade}
                      data-grade={grade}
                      x={grades.slice(0, at).reduce((sum, one) => sum + cell[one], 0)}
                      width={cell[grade]}
                      height="1"
                    />
                  ))}
                </svg>
              </td>
              {grades.map((grade) => (
                <td key={grade}>{cell[grade]}</td>
              ))}
              <td>{cell.toAudio}</td>
              <td>{cell.toPhone}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The audit trail: activity, who and what stands out, and every event. Names of patients never come here. */
import { Button, SegmentedControl } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AuditSearchRequest } from '@afar/access/contract';
import { Page, Pending } from '../kit/page.tsx';
import { Trouble } from '../kit/trouble.tsx';
import { useReader } from '../shell/session.ts';
import { Activity } from './activity.tsx';
import classes from './auditor.module.css';
import { type Period, spanOf, summaryQuery } from './queries.ts';
import { Ranking } from './ranking.tsx';
import { Trail } from './trail.tsx';
import { useWords } from './words.ts';

type Outcome = 'all' | 'refused' | 'failed';
const outcomes: Record<Outcome, 4 | 8 | undefined> = { all: undefined, refused: 4, failed: 8 };

export function HomePage() {
  const { t } = useTranslation('auditor');
  const words = useWords();
  const [period, setPeriod] = useState<Period>('day');
  const [asOf, setAsOf] = useState(() => Date.now());
  const [who, setWho] = useState<string>();
  const [action, setAction] = useState<string>();
  const [outcome, setOutcome] = useState<Outcome>('all');
  const { from, to } = spanOf(period, asOf);
  const summary = useQuery(summaryQuery(from, to));
  const filter: AuditSearchRequest = {
    from,
    to,
    ...(who && { who }),
    ...(action && { action }),
    ...(outcomes[outcome] && { outcome: outcomes[outcome] }),
  };
  const narrowed = who !== undefined || action !== undefined || outcome !== 'all';
  const clear = (): void => {
    setWho(undefined);
    setAction(undefined);
    setOutcome('all');
  };

  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      width="wide"
      actions={
        <SegmentedControl
          aria-label={t('period.label')}
          value={period}
          onChange={(value) => {
            setPeriod(value as Period);
            setAsOf(Date.now());
          }}
          data={(['day', 'week', 'month'] as const).map((value) => ({
            value,
            label: t(`period.${value}`),
          }))}
        />
      }
    >
      {summary.isPending && <Pending rows={1} height={280} />}
      {summary.isError && <Trouble error={summary.error} retry={() => void summary.refetch()} />}
      {summary.data && (
        <div className={classes.overview}>
          <section className={classes.card} data-wide>
            <dl className={classes.totals}>
              <Total name={t('total.events')} value={summary.data.total} />
              <Total name={t('total.refused')} value={summary.data.refused} tone="warm" />
              <Total name={t('total.failed')} value={summary.data.failed} tone="bad" />
              <Total name={t('total.people')} value={summary.data.who.length} />
            </dl>
            <Activity summary={summary.data} />
          </section>
          <Ranking
            title={t('byWho')}
            rows={summary.data.who.map((one) => ({
              key: one.id,
              label: words.person(one),
              detail: `${words.role(one.role)} · ${t('patients', { count: one.patients })}`,
              count: one.count,
            }))}
            {...(who && { chosen: who })}
            onChoose={setWho}
          />
          <Ranking
            title={t('byAction')}
            rows={summary.data.actions.map((one) => ({
              key: one.action,
              label: words.action(one.action),
              count: one.count,
            }))}
            {...(action && { chosen: action })}
            onChoose={setAction}
          />
        </div>
      )}
      <div className={classes.trailHead}>
        <h2 className={classes.trailTitle}>{t('trail')}</h2>
        <SegmentedControl
          aria-label={t('outcome.label')}
          value={outcome}
          onChange={(value) => setOutcome(value as Outcome)}
          data={(['all', 'refused', 'failed'] as const).map((value) => ({
            value,
            label: t(`outcome.${value}`),
          }))}
        />
        {narrowed && (
          <Button
            variant="subtle"
            onClick={clear}
            leftSection={<IconX size={18} aria-hidden="true" />}
          >
            {t('clear')}
          </Button>
        )}
      </div>
      <Trail filter={filter} />
    </Page>
  );
}

function Total({ name, value, tone }: { name: string; value: number; tone?: 'warm' | 'bad' }) {
  const { locale } = useReader();
  return (
    <div>
      <dt>{name}</dt>
      <dd className="afar-figures" data-tone={value > 0 ? tone : undefined}>
        {new Intl.NumberFormat(locale).format(value)}
      </dd>
    </div>
  );
}

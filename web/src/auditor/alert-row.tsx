/** One alert: what was seen against its threshold, whether the person is held up, and what was done about it. */
import { Badge, Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { AnomalyRowTold } from '@afar/access/contract';
import { api } from '../kit/api.ts';
import { clockTime, shortDate } from '../kit/time.ts';
import { Trouble } from '../kit/trouble.tsx';
import { useReader } from '../shell/session.ts';
import classes from './oversight.module.css';
import { alertsQuery } from './queries.ts';
import { useWords } from './words.ts';

export function AlertRow({ row }: { row: AnomalyRowTold }) {
  const { t } = useTranslation('oversight');
  const { zone, locale } = useReader();
  const words = useWords();
  const client = useQueryClient();
  const decide = useMutation({
    mutationFn: (what: 'acknowledge' | 'lift') =>
      api.post(`/api/auditor/anomalies/${row.id}/${what}`),
    onSuccess: () => client.invalidateQueries({ queryKey: alertsQuery.queryKey }),
  });
  const instant = (at: number): string =>
    `${shortDate(at, zone, locale)}, ${clockTime(at, zone, locale)}`;
  const who = words.person(row.who);
  return (
    <li className={classes.alert} data-open={!row.acknowledged || undefined}>
      <div className={classes.alertHead}>
        <h3 className={classes.alertTitle}>{t(`rule.${row.rule}.title`)}</h3>
        {row.throttledUntil !== undefined && (
          <Badge color="brick">
            {t('alerts.heldUp', { until: clockTime(row.throttledUntil, zone, locale) })}
          </Badge>
        )}
        {row.lifted && <Badge color="gray">{t('alerts.lifted')}</Badge>}
        <time className={classes.soft} dateTime={new Date(row.at).toISOString()}>
          {instant(row.at)}
        </time>
      </div>
      <p className={classes.alertText}>
        <b>{who}</b> <span className={classes.soft}>{words.role(row.who.role)}</span>
        <br />
        {t(`rule.${row.rule}.seen`, {
          count: row.count,
          threshold: row.threshold,
          minutes: Math.max(1, Math.round(row.windowMs / 60_000)),
        })}
      </p>
      {row.acknowledged && (
        <p className={classes.soft}>
          {t('alerts.by', { who: row.acknowledged.by, at: instant(row.acknowledged.at) })}
        </p>
      )}
      {decide.isError && <Trouble error={decide.error} />}
      <div className={classes.actions}>
        {!row.acknowledged && (
          <Button
            size="sm"
            loading={decide.isPending && decide.variables === 'acknowledge'}
            onClick={() => decide.mutate('acknowledge')}
            aria-label={t('alerts.acknowledgeOf', { who })}
          >
            {t('alerts.acknowledge')}
          </Button>
        )}
        {row.throttledUntil !== undefined && (
          <Button
            size="sm"
            variant="default"
            loading={decide.isPending && decide.variables === 'lift'}
            onClick={() => decide.mutate('lift')}
            aria-label={t('alerts.liftOf', { who })}
          >
            {t('alerts.lift')}
          </Button>
        )}
        <Button
          size="sm"
          variant="subtle"
          component={Link}
          to="/auditor"
          search={{ who: row.who.id } as never}
          aria-label={t('alerts.trailOf', { who })}
        >
          {t('alerts.trail')}
        </Button>
      </div>
    </li>
  );
}

/** Those who wait for whoever is free, for a clinician on duty: what triage needs, and the way to take one. */
import { Badge, Button, NativeSelect } from '@mantine/core';
import { IconAlertTriangle, IconArrowRight } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { AppointmentView, PoolEntry, TriageRequest } from '@afar/visits/contract';
import home from '../clinician/home.module.css';
import { api, asApiError } from '../kit/api.ts';
import { Empty } from '../kit/empty.tsx';
import { stopwatch, toMs } from '../kit/time.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import classes from './on-demand.module.css';
import { poolQuery } from './queries.ts';

const levels = ['urgent', 'routine', 'can-wait'] as const;
/** Of a priority: 0 is a red flag, which nobody says and nobody takes back. */
const levelOf = (priority: number): TriageRequest['level'] => levels[Math.max(0, priority - 1)]!;

export function Pool({ now }: { now: number }) {
  const { t } = useTranslation('now');
  const pool = useQuery(poolQuery);
  const entries = pool.data?.entries ?? [];
  return (
    <section aria-labelledby="pool-title" className={classes.pool}>
      <div className={home.head}>
        <h2 id="pool-title" className={home.headTitle}>
          {t('pool.title')}
        </h2>
      </div>
      {pool.isError && <Trouble error={pool.error} retry={() => void pool.refetch()} />}
      {pool.data && entries.length === 0 && <Empty text={t('pool.empty')} />}
      <ul className={home.queue} data-testid="pool">
        {entries.map((entry) => (
          <PoolCard key={entry.id} entry={entry} now={now} />
        ))}
      </ul>
    </section>
  );
}

function PoolCard({ entry, now }: { entry: PoolEntry; now: number }) {
  const { t } = useTranslation('now');
  const { t: clinician } = useTranslation('clinician');
  const { t: common } = useTranslation();
  const client = useQueryClient();
  const navigate = useNavigate();
  const refresh = (): Promise<unknown> =>
    Promise.all([
      client.invalidateQueries({ queryKey: ['on-demand'] }),
      client.invalidateQueries({ queryKey: ['queue'] }),
    ]);
  const take = useMutation({
    mutationFn: () => api.post<AppointmentView>(`/api/on-demand/${entry.id}/take`),
    onSuccess: async () => {
      await refresh();
      await navigate({ to: '/clinician/visits/$visitId', params: { visitId: entry.id } as never });
    },
    onError: () => void refresh(),
  });
  const triage = useMutation({
    mutationFn: (level: TriageRequest['level']) =>
      api.post(`/api/on-demand/${entry.id}/triage`, { level } satisfies TriageRequest),
    onSettled: () => void refresh(),
  });
  const late = take.isError && asApiError(take.error).status === 409;
  const gender = entry.gender as 'female' | undefined;
  const who = [
    entry.age !== undefined && t('pool.years', { count: entry.age }),
    gender && t(`pool.gender.${gender}`),
    common(`visitMode.${entry.mode}`),
  ]
    .filter(Boolean)
    .join(' · ');
  return (
    <li className={home.card} data-flag={entry.redFlag || undefined}>
      <div className={home.cardWho}>
        <h3 className={home.name}>{entry.reason}</h3>
        <p className={home.soft}>{who}</p>
        {late && <Notice tone="warm" title={t('pool.late')} />}
        {take.isError && !late && <Trouble error={take.error} />}
        {triage.isError && <Trouble error={triage.error} />}
        {!entry.mayTake && <p className={home.soft}>{t('pool.noLicence')}</p>}
      </div>
      <div className={home.cardState}>
        {entry.redFlag ? (
          <Badge color="brick" leftSection={<IconAlertTriangle size={14} aria-hidden="true" />}>
            {clinician('queue.redFlag')}
          </Badge>
        ) : (
          <NativeSelect
            size="xs"
            aria-label={t('pool.level')}
            value={levelOf(entry.priority)}
            onChange={(event) => triage.mutate(event.currentTarget.value as TriageRequest['level'])}
            data={levels.map((value) => ({ value, label: t(`pool.levels.${value}`) }))}
          />
        )}
        {!entry.present && <Badge color="gray">{clinician('queue.away')}</Badge>}
        <p className={home.waited}>
          <span className="afar-figures">{stopwatch(now - toMs(entry.waitingSince))}</span>
          <small>{clinician('queue.waiting')}</small>
        </p>
        <Button
          size="md"
          disabled={!entry.mayTake}
          loading={take.isPending}
          onClick={() => take.mutate()}
          rightSection={<IconArrowRight size={18} aria-hidden="true" />}
          data-testid="take-visit"
        >
          {t('pool.take')}
        </Button>
      </div>
    </li>
  );
}

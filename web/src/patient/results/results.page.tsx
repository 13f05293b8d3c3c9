/** What was ordered for her, what came back, and what she is asked to do, in plain words. */
import { Badge, Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { MyResults, TaskView } from '@afar/visits/contract';
import { api } from '../../kit/api.ts';
import { Page, Pending, Section } from '../../kit/page.tsx';
import { shortDate } from '../../kit/time.ts';
import { Notice, Trouble } from '../../kit/trouble.tsx';
import { useReader } from '../../shell/session.ts';
import { useSubject } from '../subject.ts';
import { myResultsQuery, myTasksQuery } from './queries.ts';
import classes from './results.module.css';

const day = (date: string): string => `${date.slice(0, 10)}T12:00:00Z`;

export function MyResultsPage() {
  const { t } = useTranslation('results');
  const { t: patientWords } = useTranslation('patient');
  const { patient } = useSubject();
  const mine = useQuery(myResultsQuery(patient));
  return (
    <Page
      title={t('mine.title')}
      lead={t('mine.lead')}
      back={{ to: '/patient', label: patientWords('visit.back') }}
    >
      <MyTasks patient={patient} />
      {mine.isPending && <Pending rows={3} height={96} />}
      {mine.isError && <Trouble error={mine.error} retry={() => void mine.refetch()} />}
      {mine.data && (
        <>
          <Section title={t('mine.results')}>
            <Notice
              title={
                mine.data.release === 'at-once'
                  ? t('mine.atOnce')
                  : mine.data.releaseHours === undefined
                    ? t('mine.seen')
                    : t('mine.seenHours', { count: mine.data.releaseHours })
              }
            />
            {mine.data.results.length === 0 && (
              <p className={classes.soft}>{t('mine.noResults')}</p>
            )}
            <ul className={classes.list} data-testid="my-results">
              {mine.data.results.map((one) => (
                <Result key={one.id} result={one} />
              ))}
            </ul>
          </Section>
          <Section title={t('mine.orders')}>
            {mine.data.orders.length === 0 && <p className={classes.soft}>{t('mine.noOrders')}</p>}
            <ul className={classes.list} data-testid="my-orders">
              {mine.data.orders.map((one) => (
                <Order key={one.id} order={one} />
              ))}
            </ul>
          </Section>
        </>
      )}
    </Page>
  );
}

function Result({ result }: { result: MyResults['results'][number] }) {
  const { t } = useTranslation('results');
  const { zone, locale } = useReader();
  const { level, seen } = result;
  return (
    <li className={classes.card}>
      <div className={classes.head}>
        <h3>{result.title}</h3>
        <span className={classes.soft}>{shortDate(result.at, zone, locale)}</span>
        <Badge color={level === 'critical' || level === 'abnormal' ? 'ember' : 'lagoon'}>
          {t(`mine.level.${level}`)}
        </Badge>
        {result.preliminary && <Badge color="gray">{t('mine.preliminary')}</Badge>}
      </div>
      <ul className={classes.values}>
        {result.values.map((value, at) => (
          <li key={`${value.name} ${at}`}>
            <span>{value.name}</span>
            <b className="afar-figures" dir="auto">
              {value.value}
            </b>
            {value.range && (
              <span className={classes.soft}>{t('range', { range: value.range })}</span>
            )}
          </li>
        ))}
      </ul>
      {result.conclusion && <p className={classes.prose}>{result.conclusion}</p>}
      {seen ? (
        <div>
          <p className={classes.soft}>
            {t('mine.seenBy', { name: seen.by.name, date: shortDate(seen.at, zone, locale) })}{' '}
            {t(`mine.decision.${seen.decision}`)}
          </p>
          {seen.message && <p className={classes.prose}>{seen.message}</p>}
        </div>
      ) : (
        <p className={classes.soft}>{t('mine.unseen')}</p>
      )}
    </li>
  );
}

function Order({ order }: { order: MyResults['orders'][number] }) {
  const { t } = useTranslation('results');
  const { t: orders } = useTranslation('orders');
  const { zone, locale } = useReader();
  return (
    <li className={classes.card}>
      <div className={classes.head}>
        <h3>{order.text}</h3>
        <Badge color="gray">{orders(order.kind)}</Badge>
        <span>{t(`mine.state.${order.state}`)}</span>
      </div>
      <p className={classes.soft}>
        {[
          order.target,
          order.due && t('mine.dueBy', { date: shortDate(day(order.due), 'UTC', locale) }),
          order.visibleBy &&
            t('mine.visibleBy', { date: shortDate(order.visibleBy, zone, locale) }),
          order.cancelled,
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {order.instructions && <p className={classes.prose}>{order.instructions}</p>}
    </li>
  );
}

function MyTasks({ patient }: { patient: string | undefined }) {
  const { t } = useTranslation('tasks');
  const tasks = useQuery(myTasksQuery(patient));
  if (tasks.isError) return <Trouble error={tasks.error} retry={() => void tasks.refetch()} />;
  return (
    <Section title={t('hers')}>
      {tasks.data?.tasks.length === 0 && <p className={classes.soft}>{t('hersNone')}</p>}
      <ul className={classes.list} data-testid="my-tasks">
        {tasks.data?.tasks.map((task) => (
          <MyTask key={task.id} task={task} />
        ))}
      </ul>
    </Section>
  );
}

function MyTask({ task }: { task: TaskView }) {
  const { t } = useTranslation('tasks');
  const { locale } = useReader();
  const client = useQueryClient();
  const done = useMutation({
    mutationFn: () => api.post(`/api/tasks/${task.id}/done`),
    onSuccess: () => client.invalidateQueries({ queryKey: ['my-tasks'] }),
  });
  return (
    <li className={classes.card}>
      <div className={classes.head}>
        <h3>{task.text}</h3>
        {task.due && (
          <span className={classes.soft}>
            {t('due', { date: shortDate(day(task.due), 'UTC', locale) })}
          </span>
        )}
        {task.givenBy && (
          <span className={classes.soft}>{t('by', { name: task.givenBy.name })}</span>
        )}
        <Button
          className={classes.push!}
          variant="default"
          loading={done.isPending}
          onClick={() => done.mutate()}
          aria-label={t('markDoneOf', { text: task.text })}
        >
          {t('markDone')}
        </Button>
      </div>
      {done.error && <Trouble error={done.error} />}
    </li>
  );
}

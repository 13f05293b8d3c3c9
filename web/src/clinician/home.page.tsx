/** Today: who waits now, first; then the rest of the day. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Empty } from '../kit/empty.tsx';
import { Page, Pending, Section } from '../kit/page.tsx';
import { dayKey, longDay } from '../kit/time.ts';
import { Trouble } from '../kit/trouble.tsx';
import { useNow } from '../kit/use-now.ts';
import { useMe, useReader } from '../shell/session.ts';
import { DutyBar } from '../on-demand/duty.tsx';
import { useDuty } from '../on-demand/duty-state.ts';
import { Pool } from '../on-demand/pool.tsx';
import { AgendaRow } from './agenda-row.tsx';
import classes from './home.module.css';
import { CosignList } from './cosign-list.tsx';
import { DraftReports } from './draft-reports.tsx';
import { agendaQuery, queueQuery } from './queries.ts';
import { Prescriptions } from './prescriptions.tsx';
import { QueueCard } from './queue-card.tsx';
import { ReadingList } from './reading-list.tsx';

/** Those who see a part of a chart have a list of their own. */
export function HomePage() {
  const { role } = useMe();
  if (role === 'resident') return <ReadingList />;
  return role === 'pharmacist' ? <Prescriptions /> : <Today />;
}

function Today() {
  const { t } = useTranslation('clinician');
  const { zone, locale } = useReader();
  const now = useNow(1_000);
  const me = useMe();
  const duty = useDuty();
  const waits = me.role === 'practitioner' || me.role === 'nurse';
  const queue = useQuery({ ...queueQuery, enabled: waits });
  const agenda = useQuery(agendaQuery);
  const waiting = queue.data?.entries ?? [];
  const shown = new Set(waiting.map((entry) => entry.id));
  const coming = (agenda.data?.appointments ?? []).filter(
    (one) => !shown.has(one.id) && one.state === 'booked',
  );
  const today = coming.filter((one) => dayKey(one.start, zone) === dayKey(now, zone));
  const later = coming.filter((one) => dayKey(one.start, zone) !== dayKey(now, zone));

  return (
    <Page title={longDay(now, zone, locale)} width="normal">
      {me.role === 'practitioner' && <DutyBar />}
      {waits && (
        <section aria-labelledby="waiting-title">
          <div className={classes.head}>
            <h2 id="waiting-title" className={classes.headTitle}>
              {t('queue.title')}
            </h2>
            <p className={classes.headCount} role="status">
              {queue.data && t('queue.count', { count: waiting.length })}
            </p>
          </div>
          {queue.isPending && <Pending rows={2} height={104} />}
          {queue.isError && <Trouble error={queue.error} retry={() => void queue.refetch()} />}
          {queue.data && waiting.length === 0 && <Empty text={t('queue.empty')} />}
          <ul className={classes.queue} data-testid="queue">
            {waiting.map((entry) => (
              <QueueCard key={entry.id} entry={entry} now={now} />
            ))}
          </ul>
        </section>
      )}
      {(duty === 'on' || me.role === 'nurse') && <Pool now={now} />}
      {me.role === 'practitioner' && <CosignList />}
      {me.role === 'practitioner' && <DraftReports />}
      <Section title={t('agenda.today')}>
        {agenda.isPending && <Pending rows={3} height={64} />}
        {agenda.isError && <Trouble error={agenda.error} retry={() => void agenda.refetch()} />}
        {agenda.data && today.length === 0 && <p className={classes.soft}>{t('agenda.none')}</p>}
        <ul className={classes.agenda}>
          {today.map((one) => (
            <AgendaRow key={one.id} visit={one} />
          ))}
        </ul>
      </Section>
      {later.length > 0 && (
        <Section title={t('agenda.later')}>
          <ul className={classes.agenda}>
            {later.map((one) => (
              <AgendaRow key={one.id} visit={one} withDay />
            ))}
          </ul>
        </Section>
      )}
    </Page>
  );
}

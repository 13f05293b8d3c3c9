/** The results inbox: what came back and waits for an answer, the most urgent first; what should have come; who answers meanwhile. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Empty } from '../../kit/empty.tsx';
import { Page, Pending, Section } from '../../kit/page.tsx';
import { shortDate } from '../../kit/time.ts';
import { Notice, Trouble } from '../../kit/trouble.tsx';
import { useNow } from '../../kit/use-now.ts';
import { useReader } from '../../shell/session.ts';
import { WhileAway } from './away.tsx';
import classes from './inbox.module.css';
import { inboxQuery } from './queries.ts';
import { ResultCard } from './result-card.tsx';
import { DeskTabs } from './tabs.tsx';

export function ResultsPage() {
  const { t } = useTranslation('results');
  const { zone, locale } = useReader();
  const now = useNow(60_000);
  const inbox = useQuery(inboxQuery);
  const { results = [], overdue = [], more } = inbox.data ?? {};
  return (
    <Page title={t('title')} lead={t('lead')}>
      <DeskTabs />
      {inbox.isPending && <Pending rows={3} height={140} />}
      {inbox.isError && <Trouble error={inbox.error} retry={() => void inbox.refetch()} />}
      {inbox.data && results.length === 0 && <Empty text={t('none')} />}
      {more && <Notice tone="warm" title={t('more')} />}
      <ul className={classes.list} data-testid="results">
        {results.map((one) => (
          <ResultCard key={one.id} result={one} now={now} />
        ))}
      </ul>
      {overdue.length > 0 && (
        <Section title={t('overdue.title')}>
          <p className={classes.soft}>{t('overdue.lead')}</p>
          <ul className={classes.lines}>
            {overdue.map((one) => (
              <li key={one.id} className={classes.line}>
                <span className={classes.who}>{one.patient.name}</span>
                <span>{one.text}</span>
                <span className={classes.soft}>
                  {t('overdue.due', { date: shortDate(one.due, zone, locale) })}
                </span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      <WhileAway />
    </Page>
  );
}

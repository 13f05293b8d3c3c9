/** The patient's first page: the next visit and how to be ready for it, then what was. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { IconCalendarPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Empty } from '../kit/empty.tsx';
import { Page, Pending, Section } from '../kit/page.tsx';
import { relative, toMs, wallHour } from '../kit/time.ts';
import { Trouble } from '../kit/trouble.tsx';
import { useNow } from '../kit/use-now.ts';
import { useMe, useReader } from '../shell/session.ts';
import { NowCard } from '../on-demand/now-card.tsx';
import { NextVisit } from './next-visit.tsx';
import { PastVisits } from './past-visits.tsx';
import { upcomingQuery } from './queries.ts';
import { NextThings } from './results/next-things.tsx';
import { useSubject } from './subject.ts';
import { VisitRow } from './visit-row.tsx';
import { Offers } from './waitlist/offers.tsx';

function greetingAt(hour: number): 'morning' | 'afternoon' | 'evening' {
  if (hour >= 4 && hour < 12) return 'morning';
  return hour >= 12 && hour < 18 ? 'afternoon' : 'evening';
}

export function HomePage() {
  const { t } = useTranslation('patient');
  const me = useMe();
  const { zone, locale } = useReader();
  const now = useNow();
  const { patient, dependant } = useSubject();
  const { t: family } = useTranslation('family');
  const { t: shell } = useTranslation('shell');
  const upcoming = useQuery({ ...upcomingQuery(patient), refetchInterval: 60_000 });
  const [next, ...later] = upcoming.data?.appointments ?? [];
  const name = me.name.split(' ')[0]!;

  return (
    <Page
      // The tab, and the browser's history, do not say who she is.
      title={dependant ? family('title') : shell('nav.home')}
      heading={
        dependant
          ? family('visitsOf', { name: dependant.name })
          : t(`home.greeting.${greetingAt(wallHour(now, zone))}`, { name })
      }
      lead={
        upcoming.data &&
        (next
          ? now < toMs(next.start)
            ? t('home.lead', { when: relative(next.start, now, locale) })
            : t('home.leadNow')
          : t('home.noneLead'))
      }
      actions={
        next && (
          <Button
            component={Link}
            to="/patient/book"
            variant="default"
            leftSection={<IconCalendarPlus size={20} aria-hidden="true" />}
          >
            {t('home.book')}
          </Button>
        )
      }
    >
      {upcoming.isPending && <Pending rows={1} height={280} />}
      {upcoming.isError && <Trouble error={upcoming.error} retry={() => void upcoming.refetch()} />}
      {upcoming.isSuccess && !next && (
        <Empty text={t('home.none')}>
          <Button component={Link} to="/patient/book" size="lg">
            {t('home.book')}
          </Button>
        </Empty>
      )}
      <Offers />
      <NowCard />
      {next && <NextVisit visit={next} now={now} />}
      {later.length > 0 && (
        <Section title={t('home.later')}>
          {later.map((visit) => (
            <VisitRow key={visit.id} visit={visit} />
          ))}
        </Section>
      )}
      <NextThings patient={patient} />
      <PastVisits />
    </Page>
  );
}

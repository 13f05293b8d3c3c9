/** Visits that were, newest first, each with its summary. */
import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Empty } from '../kit/empty.tsx';
import { Pending, Section } from '../kit/page.tsx';
import { Trouble } from '../kit/trouble.tsx';
import { pastQuery } from './queries.ts';
import { useSubject } from './subject.ts';
import { VisitRow } from './visit-row.tsx';

export function PastVisits() {
  const { t } = useTranslation('patient');
  const { t: common } = useTranslation();
  const past = useInfiniteQuery(pastQuery(useSubject().patient));
  const visits = past.data?.pages.flatMap((page) => page.appointments) ?? [];
  return (
    <Section title={t('home.past')}>
      {past.isPending && <Pending rows={3} />}
      {past.isError && <Trouble error={past.error} retry={() => void past.refetch()} />}
      {past.isSuccess && visits.length === 0 && <Empty text={t('home.noPast')} />}
      {visits.map((visit) => (
        <VisitRow key={visit.id} visit={visit} />
      ))}
      {past.hasNextPage && (
        <Button
          variant="subtle"
          mt="md"
          loading={past.isFetchingNextPage}
          onClick={() => void past.fetchNextPage()}
        >
          {common('more')}
        </Button>
      )}
    </Section>
  );
}

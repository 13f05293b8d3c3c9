/** Charts opened by break-glass: who, why in her own words, and what the privacy officer makes of it. */
import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Empty } from '../kit/empty.tsx';
import { Page, Pending } from '../kit/page.tsx';
import { Trouble } from '../kit/trouble.tsx';
import { EmergencyRow } from './emergency-row.tsx';
import classes from './oversight.module.css';
import { emergenciesQuery } from './queries.ts';

export function EmergenciesPage() {
  const { t } = useTranslation('oversight');
  const { t: common } = useTranslation();
  const list = useInfiniteQuery(emergenciesQuery);
  const rows = list.data?.pages.flatMap((page) => page.rows) ?? [];
  return (
    <Page title={t('emergency.title')} lead={t('emergency.lead')}>
      {list.isPending && <Pending rows={3} height={120} />}
      {list.isError && <Trouble error={list.error} retry={() => void list.refetch()} />}
      {list.data && rows.length === 0 && <Empty text={t('emergency.none')} />}
      <ul className={classes.list}>
        {rows.map((row) => (
          <EmergencyRow key={row.id} row={row} />
        ))}
      </ul>
      {list.hasNextPage && (
        <Button
          variant="default"
          mt="lg"
          loading={list.isFetchingNextPage}
          onClick={() => void list.fetchNextPage()}
        >
          {common('more')}
        </Button>
      )}
    </Page>
  );
}

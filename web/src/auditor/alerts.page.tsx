/** What stands out: each alert with who, how much and since when; acknowledged or lifted by the auditor; and the rules behind. */
import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconAdjustments } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Empty } from '../kit/empty.tsx';
import { Page, Pending } from '../kit/page.tsx';
import { Trouble } from '../kit/trouble.tsx';
import { AlertRow } from './alert-row.tsx';
import classes from './oversight.module.css';
import { alertsQuery } from './queries.ts';
import { RulesDialog } from './rules-dialog.tsx';

export function AlertsPage() {
  const { t } = useTranslation('oversight');
  const { t: common } = useTranslation();
  const [rules, { open, close }] = useDisclosure(false);
  const list = useInfiniteQuery(alertsQuery);
  const rows = list.data?.pages.flatMap((page) => page.rows) ?? [];
  const waiting = rows.filter((row) => !row.acknowledged);
  const seen = rows.filter((row) => row.acknowledged);
  return (
    <Page
      title={t('alerts.title')}
      lead={t('alerts.lead')}
      actions={
        <Button
          variant="default"
          leftSection={<IconAdjustments size={20} aria-hidden="true" />}
          onClick={open}
        >
          {t('rules.open')}
        </Button>
      }
    >
      {list.isPending && <Pending rows={3} height={110} />}
      {list.isError && <Trouble error={list.error} retry={() => void list.refetch()} />}
      {list.data && rows.length === 0 && <Empty text={t('alerts.none')} />}
      {waiting.length > 0 && (
        <section aria-labelledby="alerts-waiting">
          <h2 id="alerts-waiting" className={classes.heading}>
            {t('alerts.waiting', { count: waiting.length })}
          </h2>
          <ul className={classes.list}>
            {waiting.map((row) => (
              <AlertRow key={row.id} row={row} />
            ))}
          </ul>
        </section>
      )}
      {seen.length > 0 && (
        <section aria-labelledby="alerts-seen">
          <h2 id="alerts-seen" className={classes.heading}>
            {t('alerts.seen')}
          </h2>
          <ul className={classes.list}>
            {seen.map((row) => (
              <AlertRow key={row.id} row={row} />
            ))}
          </ul>
        </section>
      )}
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
      <RulesDialog opened={rules} onClose={close} />
    </Page>
  );
}

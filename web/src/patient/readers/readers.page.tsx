/** Who was in her record, day by day: who, when, what and why; and a way to say that it looks wrong. */
import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ReaderEntry } from '@afar/access/contract';
import { Empty } from '../../kit/empty.tsx';
import { Page, Pending } from '../../kit/page.tsx';
import { longDay } from '../../kit/time.ts';
import { Trouble } from '../../kit/trouble.tsx';
import { useMe, useReader } from '../../shell/session.ts';
import { Entry } from './entry.tsx';
import { readersQuery } from './queries.ts';
import classes from './readers.module.css';
import { ReportDialog } from './report-dialog.tsx';

export function ReadersPage() {
  const { t } = useTranslation('readers');
  const { t: common } = useTranslation();
  const { locale } = useReader();
  const patient = useMe().fhirUser?.id;
  const list = useInfiniteQuery(readersQuery(patient));
  const [doubted, setDoubted] = useState<ReaderEntry>();
  const entries = list.data?.pages.flatMap((page) => page.entries) ?? [];
  const days = Map.groupBy(entries, (entry) => entry.day);
  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      back={{ to: '/patient/record', label: t('back') }}
      width="normal"
    >
      {list.isPending && <Pending rows={3} height={96} />}
      {list.isError && <Trouble error={list.error} retry={() => void list.refetch()} />}
      {list.data && entries.length === 0 && <Empty text={t('nobody')} />}
      {[...days].map(([day, readers]) => {
        // A day of the trail is a day in UTC: named as such, whatever the reader's zone.
        const name = longDay(day * 86_400_000, 'UTC', locale);
        return (
          <section key={day} className={classes.day} aria-label={name}>
            <h2 className={classes.dayTitle}>{name}</h2>
            <ul className={classes.entries}>
              {readers
                .toSorted((a, b) => b.last - a.last)
                .map((entry) => (
                  <Entry key={entry.reader.id} entry={entry} onDoubt={() => setDoubted(entry)} />
                ))}
            </ul>
          </section>
        );
      })}
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
      <ReportDialog patient={patient ?? ''} entry={doubted} onClose={() => setDoubted(undefined)} />
    </Page>
  );
}

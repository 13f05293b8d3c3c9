/** People: every account of the clinic, what it may be, and whether it is open. No chart is reachable from here. */
import { Button, SegmentedControl, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconSearch, IconUserPlus } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AskedUser, OfficeUser } from '@afar/access/contract';
import { Dialog } from '../kit/dialog.tsx';
import { Empty } from '../kit/empty.tsx';
import { Page, Pending } from '../kit/page.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { NewUserForm } from './new-user-form.tsx';
import classes from './office.module.css';
import rows from './list.module.css';
import { usersQuery } from './queries.ts';
import { AskedDialog } from './asked-dialog.tsx';
import { OfficeTabs } from './office-tabs.tsx';
import { UserRow } from './user-row.tsx';

type Filter = 'all' | 'staff' | 'patient' | 'disabled';

const shown = (user: OfficeUser, filter: Filter, words: string): boolean =>
  (filter === 'all' ||
    (filter === 'disabled' && user.status === 'disabled') ||
    (filter === 'patient' && user.role === 'patient') ||
    (filter === 'staff' && user.role !== 'patient')) &&
  `${user.name} ${user.email}`.toLocaleLowerCase().includes(words.trim().toLocaleLowerCase());

export function HomePage() {
  const { t } = useTranslation('office');
  const { t: common } = useTranslation();
  const [adding, { open, close }] = useDisclosure(false);
  const [asked, setAsked] = useState<AskedUser>();
  const [filter, setFilter] = useState<Filter>('all');
  const [words, setWords] = useState('');
  const list = useInfiniteQuery(usersQuery);
  const users = list.data?.pages.flatMap((page) => page.users) ?? [];
  const found = users.filter((user) => shown(user, filter, words));
  const active = users.filter((user) => user.status === 'active');
  const withoutCode = active.filter((user) => user.role !== 'patient' && !user.secondFactor);

  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      width="normal"
      actions={
        <Button leftSection={<IconUserPlus size={20} aria-hidden="true" />} onClick={open}>
          {t('add')}
        </Button>
      }
    >
      <OfficeTabs />
      {withoutCode.length > 0 && (
        <div className={classes.warning}>
          <Notice tone="warm" title={t('noCode.title', { count: withoutCode.length })}>
            {t('noCode.text')}
          </Notice>
        </div>
      )}
      <div className={classes.tools}>
        <TextInput
          className={classes.search}
          label={t('search')}
          type="search"
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
          leftSection={<IconSearch size={18} aria-hidden="true" />}
        />
        <SegmentedControl
          aria-label={t('filter.label')}
          value={filter}
          onChange={(value) => setFilter(value as Filter)}
          data={(['all', 'staff', 'patient', 'disabled'] as const).map((value) => ({
            value,
            label: t(`filter.${value}`),
          }))}
        />
      </div>
      {list.isPending && <Pending rows={6} height={76} />}
      {list.isError && <Trouble error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && (
        <>
          <p className={classes.count} role="status">
            {t('count', { count: found.length })}
          </p>
          {found.length === 0 ? (
            <Empty text={t('nobody')} />
          ) : (
            <ul className={rows.list}>
              {found.map((user) => (
                <UserRow key={user.id} user={user} onAsked={setAsked} />
              ))}
            </ul>
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
        </>
      )}
      <Dialog opened={adding} onClose={close} title={t('new.title')} size="lg">
        <NewUserForm
          onMade={(made) => {
            close();
            setAsked(made);
          }}
        />
      </Dialog>
      <AskedDialog asked={asked} onDone={() => setAsked(undefined)} />
    </Page>
  );
}

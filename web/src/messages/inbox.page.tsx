/** The inbox of either side: what waits first, found by topic in what is here. */
import { Badge, Button, SegmentedControl, TextInput } from '@mantine/core';
import { IconMessagePlus, IconSearch } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Box, ThreadBrief } from '@afar/messaging/contract';
import { Empty } from '../kit/empty.tsx';
import { Page, Pending } from '../kit/page.tsx';
import { relative, toMs } from '../kit/time.ts';
import { Trouble } from '../kit/trouble.tsx';
import { useNow } from '../kit/use-now.ts';
import { useSubject } from '../patient/subject.ts';
import { useReader } from '../shell/session.ts';
import classes from './messages.module.css';
import { NotForEmergencies } from './promise.tsx';
import { threadsQuery } from './queries.ts';
import { useSide } from './side.ts';

const boxes: readonly Box[] = ['team', 'mine', 'all', 'closed'];

export function PatientInboxPage() {
  const { patient } = useSubject();
  return <Inbox patient={patient} />;
}

export function StaffInboxPage() {
  return <Inbox />;
}

function Inbox({ patient }: { patient?: string }) {
  const { t } = useTranslation('messages');
  const { t: common } = useTranslation();
  const { staff } = useSide();
  const [box, setBox] = useState<Box>(staff ? 'team' : 'all');
  const [wanted, setWanted] = useState('');
  const list = useInfiniteQuery(threadsQuery(box, patient));
  const threads = list.data?.pages.flatMap((page) => page.threads) ?? [];
  const word = wanted.trim().toLocaleLowerCase();
  const shown = threads.filter((one) =>
    `${one.topic} ${one.patientName ?? ''}`.toLocaleLowerCase().includes(word),
  );
  return (
    <Page
      title={t('title')}
      lead={t(staff ? 'leadStaff' : 'lead')}
      actions={
        !staff && (
          <Button
            component={Link}
            to="/patient/messages/new"
            leftSection={<IconMessagePlus size={20} aria-hidden="true" />}
            data-testid="new-thread"
          >
            {t('new')}
          </Button>
        )
      }
    >
      {!staff && <NotForEmergencies />}
      <div className={classes.bar}>
        {staff && (
          <SegmentedControl
            value={box}
            onChange={(next) => setBox(next as Box)}
            aria-label={t('boxes')}
            data={boxes.map((value) => ({ value, label: t(`box.${value}`) }))}
          />
        )}
        {threads.length > 5 && (
          <TextInput
            className={classes.search}
            aria-label={t('search')}
            placeholder={t('search')}
            leftSection={<IconSearch size={18} aria-hidden="true" />}
            value={wanted}
            onChange={(event) => setWanted(event.currentTarget.value)}
          />
        )}
      </div>
      {list.isPending && <Pending rows={4} />}
      {list.isError && <Trouble error={list.error} retry={() => void list.refetch()} />}
      {list.data && threads.length === 0 && (
        <Empty text={t(staff ? `empty.${box}` : 'empty.patient')} />
      )}
      {threads.length > 0 && shown.length === 0 && <Empty text={t('empty.search')} />}
      {shown.length > 0 && (
        <ul className={classes.list}>
          {shown.map((one) => (
            <li key={one.id}>
              <Row thread={one} />
            </li>
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
    </Page>
  );
}

function Row({ thread }: { thread: ThreadBrief }) {
  const { t } = useTranslation('messages');
  const { locale } = useReader();
  const { staff, thread: to } = useSide();
  const now = useNow();
  const waits = staff && thread.due !== undefined;
  return (
    <Link
      to={to}
      params={{ threadId: thread.id }}
      className={classes.row}
      data-unread={thread.unread > 0 || undefined}
      data-testid="thread-row"
    >
      <span className={classes.dot} aria-hidden="true" />
      <span className={classes.topic}>
        {thread.topic}
        {thread.unread > 0 && (
          <span className="afar-hidden">, {t('unread', { count: thread.unread })}</span>
        )}
      </span>
      <span className={classes.when}>{relative(thread.lastAt, now, locale)}</span>
      <span className={classes.about}>
        {thread.patientName && <span>{thread.patientName}</span>}
        {thread.urgent && <Badge color="red">{t('urgent')}</Badge>}
        {waits &&
          (thread.overdue ? (
            <Badge color="ember">{t('overdue')}</Badge>
          ) : (
            <span>{t('dueIn', { when: relative(toMs(thread.due!), now, locale) })}</span>
          ))}
        {thread.assignee && (
          <span>
            {thread.assignee.you ? t('withYou') : t('with', { name: thread.assignee.name })}
          </span>
        )}
        {thread.state === 'closed' && <span>{t('closed')}</span>}
        {!staff && thread.state === 'open' && (
          <span>{t(thread.lastSide === 'patient' ? 'waiting' : 'answered')}</span>
        )}
      </span>
    </Link>
  );
}

/** One thread: what was said, who has seen it, and where to answer. */
import { Badge, Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Message, Thread } from '@afar/messaging/contract';
import { Page, Pending } from '../kit/page.tsx';
import { relative, toMs } from '../kit/time.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { useNow } from '../kit/use-now.ts';
import { useReader } from '../shell/session.ts';
import { Bubble } from './bubble.tsx';
import { Composer } from './composer.tsx';
import classes from './messages.module.css';
import { NotForEmergencies } from './promise.tsx';
import { markRead, olderMessages, threadQuery, unreadQuery, useSend } from './queries.ts';
import { useSide } from './side.ts';
import { StaffTools } from './staff-tools.tsx';
import { useLive } from './use-live.ts';
import { useQueryClient } from '@tanstack/react-query';

export function ThreadPage() {
  const { t } = useTranslation('messages');
  const { threadId } = useParams({ strict: false }) as { threadId: string };
  const { staff, inbox } = useSide();
  const live = useLive();
  const thread = useQuery({ ...threadQuery(threadId), refetchInterval: live });
  const { data } = thread;
  return (
    <Page
      // The tab does not say what it is about.
      title={t('title')}
      heading={data?.topic}
      lead={data && <State thread={data} />}
      back={{ to: inbox, label: t('back') }}
      actions={data && staff && <StaffTools thread={data} />}
    >
      {thread.isPending && <Pending rows={3} height={96} />}
      {thread.isError && <Trouble error={thread.error} retry={() => void thread.refetch()} />}
      {data && <Talk key={data.id} thread={data} />}
    </Page>
  );
}

function State({ thread }: { thread: Thread }) {
  const { t } = useTranslation('messages');
  const { locale } = useReader();
  const { staff } = useSide();
  const now = useNow();
  return (
    <span className={classes.state}>
      {thread.patientName && <span>{thread.patientName}</span>}
      {thread.urgent && <Badge color="red">{t('urgent')}</Badge>}
      {thread.state === 'closed' && <Badge color="gray">{t('closed')}</Badge>}
      {thread.overdue ? (
        <Badge color="ember">{t(staff ? 'overdue' : 'late')}</Badge>
      ) : (
        thread.due && (
          <span>
            {t(staff ? 'dueIn' : 'promisedBy', { when: relative(toMs(thread.due), now, locale) })}
          </span>
        )
      )}
      {thread.assignee && (
        <span>
          {thread.assignee.you ? t('withYou') : t('with', { name: thread.assignee.name })}
        </span>
      )}
    </span>
  );
}

function Talk({ thread }: { thread: Thread }) {
  const { t } = useTranslation('messages');
  const { staff } = useSide();
  const client = useQueryClient();
  const send = useSend(thread.id);
  const [older, setOlder] = useState<Message[]>([]);
  const [before, setBefore] = useState(thread.before);
  const [fetching, setFetching] = useState(false);
  const known = new Set(thread.messages.map((one) => one.id));
  const messages = [...older.filter((one) => !known.has(one.id)), ...thread.messages];
  const newest = thread.messages.at(-1);
  const { id, unread } = thread;
  const upto = newest?.seq;

  useEffect(() => {
    if (unread === 0 || upto === undefined || document.visibilityState !== 'visible') return;
    markRead(id, upto).then(
      () => client.invalidateQueries({ queryKey: unreadQuery.queryKey }),
      () => undefined, // asked again with the next look
    );
  }, [client, id, unread, upto]);

  async function more(): Promise<void> {
    if (before === undefined) return;
    setFetching(true);
    try {
      const page = await olderMessages(thread.id, before);
      setOlder((now) => [...page.messages, ...now]);
      setBefore(page.before);
    } finally {
      setFetching(false);
    }
  }

  return (
    <>
      {before !== undefined && (
        <Button variant="default" mt="md" loading={fetching} onClick={() => void more()}>
          {t('older')}
        </Button>
      )}
      <ol className={classes.messages} aria-label={t('messages')} aria-live="polite">
        {messages.map((one) => (
          <Bubble key={one.id} message={one} />
        ))}
      </ol>
      {thread.state === 'closed' && (
        <Notice title={t('closedTitle')}>{t(staff ? 'closedStaff' : 'closedText')}</Notice>
      )}
      <Composer
        patient={thread.patient}
        place={thread.id}
        draft={thread.draft ?? ''}
        label={t('write')}
        send={(body, key) => send.mutateAsync({ body, key })}
      />
      {!staff && (
        <div className={classes.facts}>
          <NotForEmergencies />
        </div>
      )}
    </>
  );
}

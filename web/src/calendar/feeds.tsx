/** Her visits in another calendar: an address that it reads again and again; made, copied once, ended. */
import { Button, CopyButton, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CalendarWords, Feed, NewFeed } from '@afar/visits/contract';
import { api, asApiError } from '../kit/api.ts';
import { Dialog } from '../kit/dialog.tsx';
import { Pending } from '../kit/page.tsx';
import { shortDate } from '../kit/time.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { useMe, useReader } from '../shell/session.ts';
import classes from './feeds.module.css';

const feedsKey = ['feeds'];

export function FeedDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation('feeds');
  return (
    <Dialog opened onClose={onClose} title={t('title')} size="lg">
      <Feeds />
    </Dialog>
  );
}

function Feeds() {
  const { t } = useTranslation('feeds');
  const { zone, locale } = useReader();
  const { role } = useMe();
  const client = useQueryClient();
  const [words, setWords] = useState<CalendarWords>('appointment');
  const [made, setMade] = useState<NewFeed>();
  const list = useQuery({
    queryKey: feedsKey,
    queryFn: ({ signal }) => api.get<Feed[]>('/api/feeds', { signal }),
  });
  const again = () => client.invalidateQueries({ queryKey: feedsKey });
  const maker = useMutation({
    mutationFn: () => api.post<NewFeed>('/api/feeds', { words }),
    onSuccess: (one) => {
      setMade(one);
      return again();
    },
  });
  const ender = useMutation({
    mutationFn: (id: string) => api.remove(`/api/feeds/${id}`),
    onSuccess: (_, id) => {
      if (made?.id === id) setMade(undefined);
      return again();
    },
  });
  const choices: CalendarWords[] =
    role === 'patient' ? ['appointment', 'mode', 'person'] : ['appointment', 'mode'];
  const full = maker.error && asApiError(maker.error).status === 409;
  return (
    <Stack gap="lg">
      <Text>{t('lead')}</Text>
      {made && (
        <Notice tone="good" title={t('made')}>
          <p className={classes.help}>{t('madeHelp')}</p>
          <code className={classes.url} data-testid="feed-url">
            {made.url}
          </code>
          <CopyButton value={made.url}>
            {({ copied, copy }) => (
              <Button
                size="sm"
                mt="sm"
                leftSection={
                  copied ? (
                    <IconCheck size={18} aria-hidden="true" />
                  ) : (
                    <IconCopy size={18} aria-hidden="true" />
                  )
                }
                onClick={copy}
              >
                {t(copied ? 'copied' : 'copy')}
              </Button>
            )}
          </CopyButton>
        </Notice>
      )}
      {full && <Notice tone="warm" title={t('full')} />}
      {maker.error && !full && <Trouble error={maker.error} />}
      {ender.error && <Trouble error={ender.error} />}
      <Group align="flex-end">
        <NativeSelect
          className={classes.words}
          label={t('says')}
          value={words}
          data={choices.map((value) => ({ value, label: t(`words.${value}`) }))}
          onChange={(event) => setWords(event.currentTarget.value as CalendarWords)}
        />
        <Button loading={maker.isPending} onClick={() => maker.mutate()} data-testid="make-feed">
          {t('make')}
        </Button>
      </Group>
      {list.isPending && <Pending rows={1} height={64} />}
      {list.isError && <Trouble error={list.error} retry={() => void list.refetch()} />}
      {list.data && list.data.length > 0 && (
        <ul className={classes.list}>
          {list.data.map((one) => (
            <li key={one.id} data-testid="feed">
              <span>
                {t(`words.${one.words}`)}
                <span className={classes.soft}>
                  {t('since', { day: shortDate(one.since, zone, locale) })} ·{' '}
                  {one.lastRead
                    ? t('read', { day: shortDate(one.lastRead, zone, locale) })
                    : t('unread')}
                </span>
              </span>
              <Button
                variant="subtle"
                color="red"
                loading={ender.isPending && ender.variables === one.id}
                onClick={() => ender.mutate(one.id)}
              >
                {t('end')}
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Stack>
  );
}

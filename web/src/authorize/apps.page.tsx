/** Apps that may use the account of the person signed in: what they may see, since when, and the way to end it. */
import { Button, Group, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ConnectedApp } from '@afar/access/contract';
import { Dialog } from '../kit/dialog.tsx';
import { Empty } from '../kit/empty.tsx';
import { Page, Pending } from '../kit/page.tsx';
import { relative } from '../kit/time.ts';
import { Trouble } from '../kit/trouble.tsx';
import { useNow } from '../kit/use-now.ts';
import { useReader } from '../shell/session.ts';
import { linesOf } from './asked-lines.ts';
import classes from './authorize.module.css';
import { connectedQuery, endApp } from './queries.ts';

export function AppsPage() {
  const { t } = useTranslation('authorize');
  const { t: shell } = useTranslation('shell');
  return (
    <Page
      title={t('apps.title')}
      lead={t('apps.lead')}
      back={{ to: '/account', label: shell('accountMenu') }}
    >
      <ConnectedAppList />
    </Page>
  );
}

/** The list alone, for a page that is headed otherwise. */
export function ConnectedAppList() {
  const { t } = useTranslation('authorize');
  const list = useQuery(connectedQuery);
  return (
    <>
      {list.isPending && <Pending rows={2} height={120} />}
      {list.isError && <Trouble error={list.error} retry={() => void list.refetch()} />}
      {list.data?.apps.length === 0 && <Empty text={t('apps.none')} />}
      {list.data && list.data.apps.length > 0 && (
        <ul className={classes.apps}>
          {list.data.apps.map((app) => (
            <AppRow key={app.client} app={app} />
          ))}
        </ul>
      )}
    </>
  );
}

function AppRow({ app }: { app: ConnectedApp }) {
  const { t } = useTranslation('authorize');
  const { t: common } = useTranslation();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const end = useMutation({
    mutationFn: () => endApp(app.client),
    onSettled: () => {
      setAsking(false);
      return client.invalidateQueries({ queryKey: connectedQuery.queryKey });
    },
  });
  return (
    <li className={classes.part}>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div>
          <p className={classes.appName}>{app.name}</p>
          {app.publisher && (
            <p className={classes.soft}>{t('app.by', { publisher: app.publisher })}</p>
          )}
        </div>
        <Button
          variant="light"
          color="brick"
          size="sm"
          onClick={() => setAsking(true)}
          aria-label={t('apps.endOf', { app: app.name })}
        >
          {t('apps.end')}
        </Button>
      </Group>
      <ul className={classes.grants}>
        {app.grants.map((grant) => (
          <Grant key={`${grant.since} ${grant.expires}`} grant={grant} />
        ))}
      </ul>
      {end.error && <Trouble error={end.error} />}
      <Dialog
        opened={asking}
        onClose={() => setAsking(false)}
        title={t('apps.endOf', { app: app.name })}
      >
        <Text>{t('apps.endText')}</Text>
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={() => setAsking(false)}>
            {common('cancel')}
          </Button>
          <Button color="brick" loading={end.isPending} onClick={() => end.mutate()}>
            {t('apps.end')}
          </Button>
        </Group>
      </Dialog>
    </li>
  );
}

function Grant({ grant }: { grant: ConnectedApp['grants'][number] }) {
  const { t } = useTranslation('authorize');
  const { locale } = useReader();
  const now = useNow(60_000);
  const lines = linesOf(grant.scopes);
  const kinds = [
    ...new Set(
      lines.map((line) =>
        line.kind === 'other' ? t('kind.other', { type: line.type ?? '' }) : t(`kind.${line.kind}`),
      ),
    ),
  ];
  const changes = lines.some((line) => line.act !== 'see');
  return (
    <li>
      <Text>
        {kinds.length > 0
          ? new Intl.ListFormat(locale, { type: 'conjunction' }).format(kinds)
          : t('besides.identity')}
      </Text>
      <Text c="dimmed" size="sm">
        {[
          t(changes ? 'act.change' : 'act.see'),
          t('apps.since', { when: relative(grant.since, now, locale) }),
          grant.lastUsed
            ? t('apps.used', { when: relative(grant.lastUsed, now, locale) })
            : t('apps.unused'),
          t(grant.offline ? 'apps.offline' : 'apps.online'),
        ].join(' · ')}
      </Text>
    </li>
  );
}

/** The demo's messages, on the machine itself: where a real clinic would send mail and SMS. */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Empty } from '../kit/empty.tsx';
import { Page, Pending } from '../kit/page.tsx';
import { Notice } from '../kit/trouble.tsx';
import { When } from '../kit/when.tsx';
import { outboxQuery } from './queries.ts';
import classes from './register.module.css';

export function OutboxPage() {
  const { t } = useTranslation('register');
  const outbox = useQuery({ ...outboxQuery, refetchInterval: 5_000 });
  return (
    <Page
      title={t('outbox.title')}
      lead={t('outbox.lead')}
      width="narrow"
      actions={
        <Button
          variant="default"
          leftSection={<IconRefresh size={18} aria-hidden="true" />}
          onClick={() => void outbox.refetch()}
        >
          {t('outbox.look')}
        </Button>
      }
    >
      {outbox.isPending && <Pending />}
      {outbox.data === null && <Notice title={t('outbox.none')} />}
      {outbox.data?.length === 0 && <Empty text={t('outbox.empty')} />}
      <ul className={classes.people}>
        {(outbox.data ?? []).map((one) => (
          <li key={one.id} className={classes.message}>
            <span className={classes.personWords}>
              <span className={classes.name}>{one.subject ?? one.title ?? 'SMS'}</span>
              <span className={classes.quiet}>
                {one.to} · <When at={one.at} />
              </span>
            </span>
            <pre>{one.text}</pre>
          </li>
        ))}
      </ul>
    </Page>
  );
}

/** Apps and sign-ins: programs that use the API, and other places where staff may sign in. */
import { Button, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconPlus, IconTicket } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AskedSecond, NewClientSecret } from '@afar/access/contract';
import { Dialog } from '../../kit/dialog.tsx';
import { Empty } from '../../kit/empty.tsx';
import { Page, Pending } from '../../kit/page.tsx';
import { Trouble } from '../../kit/trouble.tsx';
import { AskedDialog } from '../asked-dialog.tsx';
import { ClientForm } from './client-form.tsx';
import { ClientRow } from './client-row.tsx';
import rows from '../list.module.css';
import { Providers } from './providers.tsx';
import { clientsQuery, useClients } from './queries.ts';
import { ShownOnce } from './shown-once.tsx';

type Once = { label: string; value: string }[];

export function ClientsPage() {
  const { t } = useTranslation('clients');
  const list = useQuery(clientsQuery);
  const { create, invite } = useClients();
  const [adding, setAdding] = useState(false);
  const [once, setOnce] = useState<Once>();
  const [asked, setAsked] = useState<AskedSecond>();
  const show = ({ client, secret, asked: waits }: NewClientSecret): void => {
    setAdding(false);
    setAsked(waits);
    setOnce([
      { label: t('once.clientId'), value: client.clientId },
      ...(secret ? [{ label: t('once.secret'), value: secret }] : []),
    ]);
  };
  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      actions={
        <Group gap="sm">
          {list.data?.registration && (
            <Button
              variant="default"
              leftSection={<IconTicket size={18} aria-hidden="true" />}
              loading={invite.isPending}
              onClick={() =>
                invite.mutate(undefined, {
                  onSuccess: ({ token }) => setOnce([{ label: t('once.token'), value: token }]),
                })
              }
            >
              {t('invite')}
            </Button>
          )}
          <Button
            leftSection={<IconPlus size={20} aria-hidden="true" />}
            onClick={() => setAdding(true)}
          >
            {t('add')}
          </Button>
        </Group>
      }
    >
      {invite.error && <Trouble error={invite.error} />}
      {list.isPending && <Pending rows={3} height={84} />}
      {list.isError && <Trouble error={list.error} retry={() => void list.refetch()} />}
      {list.data?.clients.length === 0 && <Empty text={t('none')} />}
      {list.data && list.data.clients.length > 0 && (
        <ul className={rows.list}>
          {list.data.clients.map((client) => (
            <ClientRow key={client.id} client={client} onSecret={show} onAsked={setAsked} />
          ))}
        </ul>
      )}
      <Providers onAsked={setAsked} />
      <Dialog opened={adding} onClose={() => setAdding(false)} title={t('add')} size="lg">
        <ClientForm
          error={create.error}
          busy={create.isPending}
          onSubmit={(wanted) => create.mutate(wanted, { onSuccess: show })}
        />
      </Dialog>
      <Dialog
        opened={once !== undefined}
        onClose={() => setOnce(undefined)}
        title={t('once.heading')}
        size="lg"
        closeOnClickOutside={false}
      >
        {once && <ShownOnce values={once} onDone={() => setOnce(undefined)} />}
      </Dialog>
      <AskedDialog asked={once ? undefined : asked} onDone={() => setAsked(undefined)} />
    </Page>
  );
}

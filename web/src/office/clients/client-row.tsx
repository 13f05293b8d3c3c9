/** One API client: what it is and may ask for, and what can be done about it. */
import { ActionIcon, Badge, Button, Code, Group, Menu, Text } from '@mantine/core';
import { IconDots, IconKey, IconLock, IconLockOpen, IconPencil } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AskedSecond, NewClientSecret, OfficeClient } from '@afar/access/contract';
import { Dialog } from '../../kit/dialog.tsx';
import { Trouble } from '../../kit/trouble.tsx';
import { ClientForm } from './client-form.tsx';
import classes from './clients.module.css';
import { useClients } from './queries.ts';

interface Props {
  client: OfficeClient;
  onSecret: (made: NewClientSecret) => void;
  /** What she wanted waits for another administrator. */
  onAsked: (asked: AskedSecond | undefined) => void;
}

export function ClientRow({ client, onSecret, onAsked }: Props) {
  const { t } = useTranslation('clients');
  const { t: common } = useTranslation();
  const { update, renew } = useClients();
  const [asking, setAsking] = useState<'edit' | 'disable'>();
  const error = renew.error ?? (asking === 'edit' ? null : update.error);
  const close = (): void => setAsking(undefined);
  const off = client.status !== 'active';

  return (
    <li className={classes.row} data-off={off || undefined}>
      <div className={classes.what}>
        <p className={classes.name}>
          {client.name} <Badge color="gray">{t(`kind.${client.kind}`)}</Badge>{' '}
          {client.status === 'disabled' && <Badge color="brick">{t('status.disabled')}</Badge>}
          {client.status === 'pending' && <Badge color="ember">{t('status.pending')}</Badge>}
        </p>
        <p className={classes.soft}>
          {client.publisher && `${client.publisher} · `}
          {t('id')} <Code>{client.clientId}</Code>
        </p>
        <p className={classes.scopes}>{client.scope || t('noScope')}</p>
      </div>
      <Menu
        withInitialFocusPlaceholder={false}
        position="bottom-end"
        radius="lg"
        shadow="lg"
        width={240}
      >
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={44}
            aria-label={t('actions', { name: client.name })}
          >
            <IconDots size={22} aria-hidden="true" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconPencil size={18} aria-hidden="true" />}
            onClick={() => setAsking('edit')}
          >
            {t(client.status === 'pending' ? 'approve' : 'edit')}
          </Menu.Item>
          {client.auth.startsWith('client_secret') && (
            <Menu.Item
              leftSection={<IconKey size={18} aria-hidden="true" />}
              onClick={() => renew.mutate(client.id, { onSuccess: onSecret })}
            >
              {t('renew')}
            </Menu.Item>
          )}
          {client.status === 'disabled' && (
            <Menu.Item
              leftSection={<IconLockOpen size={18} aria-hidden="true" />}
              onClick={() =>
                update.mutate(
                  { id: client.id, status: 'active' },
                  { onSuccess: ({ asked }) => onAsked(asked) },
                )
              }
            >
              {t('enable')}
            </Menu.Item>
          )}
          {client.status === 'active' && (
            <Menu.Item
              color="brick"
              leftSection={<IconLock size={18} aria-hidden="true" />}
              onClick={() => setAsking('disable')}
            >
              {t('disable')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {error && (
        <div className={classes.trouble}>
          <Trouble error={error} />
        </div>
      )}
      <Dialog opened={asking === 'edit'} onClose={close} title={client.name} size="lg">
        <ClientForm
          client={client}
          error={update.error}
          busy={update.isPending}
          onSubmit={({ kind: _kind, auth: _auth, ...change }) =>
            update.mutate(
              {
                id: client.id,
                ...change,
                ...(client.status === 'pending' && { status: 'active' as const }),
              },
              {
                onSuccess: ({ asked }) => {
                  close();
                  onAsked(asked);
                },
              },
            )
          }
        />
      </Dialog>
      <Dialog
        opened={asking === 'disable'}
        onClose={close}
        title={t('disableAsk.title', { name: client.name })}
      >
        <Text>{t('disableAsk.text')}</Text>
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={close}>
            {common('cancel')}
          </Button>
          <Button
            color="brick"
            loading={update.isPending}
            onClick={() =>
              update.mutate({ id: client.id, status: 'disabled' }, { onSettled: close })
            }
          >
            {t('disable')}
          </Button>
        </Group>
      </Dialog>
    </li>
  );
}

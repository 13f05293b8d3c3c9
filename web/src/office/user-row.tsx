/** One account: who, what role, since when, and what can be done about it. */
import { ActionIcon, Avatar, Badge, Button, Group, Menu, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconDots, IconKey, IconLock, IconLockOpen, IconShieldCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { AskedUser, OfficeUser } from '@afar/access/contract';
import { Dialog } from '../kit/dialog.tsx';
import { MailAddress } from '../kit/mail-address.tsx';
import { plainName } from '../kit/plain-name.ts';
import { relative } from '../kit/time.ts';
import { Trouble } from '../kit/trouble.tsx';
import { useNow } from '../kit/use-now.ts';
import { useMe, useReader } from '../shell/session.ts';
import classes from './office.module.css';
import { useOffice } from './queries.ts';

interface Props {
  user: OfficeUser;
  /** Something was asked of a second administrator. */
  onAsked: (asked: AskedUser) => void;
}

export function UserRow({ user, onAsked }: Props) {
  const { t } = useTranslation('office');
  const { t: shell } = useTranslation('shell');
  const { t: common } = useTranslation();
  const { locale } = useReader();
  const now = useNow(60_000);
  const me = useMe();
  const { update, reset } = useOffice();
  const [asking, { open, close }] = useDisclosure(false);
  const own = user.id === me.accountId;
  const off = user.status === 'disabled';
  const error = update.error ?? reset.error;

  return (
    <li className={classes.row} data-off={off || undefined}>
      <Avatar
        name={plainName(user.name)}
        color={off ? 'gray' : 'lagoon'}
        variant="light"
        radius="xl"
        size={44}
      />
      <div className={classes.who}>
        <p className={classes.name}>
          {user.name} {own && <span className={classes.soft}>({t('you')})</span>}
        </p>
        <p className={classes.soft}>
          <MailAddress address={user.email} />
        </p>
      </div>
      <div className={classes.facts}>
        <Badge color={user.role === 'patient' ? 'gray' : 'lagoon'}>
          {shell(`role.${user.role}`)}
        </Badge>
        {off && <Badge color="brick">{t('status.disabled')}</Badge>}
        {user.secondFactor && (
          <span className={classes.factor}>
            <IconShieldCheck size={16} aria-hidden="true" /> {t('secondFactor')}
          </span>
        )}
      </div>
      <p className={classes.seen}>
        {user.lastSignIn
          ? t('lastSeen', { when: relative(user.lastSignIn, now, locale) })
          : t('never')}
      </p>
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
            aria-label={t('actions', { name: user.name })}
            disabled={own}
          >
            <IconDots size={22} aria-hidden="true" />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconKey size={18} aria-hidden="true" />}
            onClick={() => reset.mutate(user.id, { onSuccess: onAsked })}
          >
            {t('reset')}
          </Menu.Item>
          {off ? (
            <Menu.Item
              leftSection={<IconLockOpen size={18} aria-hidden="true" />}
              onClick={() =>
                update.mutate(
                  { id: user.id, status: 'active' },
                  { onSuccess: (answer) => 'approval' in answer && onAsked(answer) },
                )
              }
            >
              {t('enable')}
            </Menu.Item>
          ) : (
            <Menu.Item
              color="brick"
              leftSection={<IconLock size={18} aria-hidden="true" />}
              onClick={open}
            >
              {t('disable')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      {error && (
        <div className={classes.rowTrouble}>
          <Trouble error={error} />
        </div>
      )}
      <Dialog opened={asking} onClose={close} title={t('disableAsk.title', { name: user.name })}>
        <Text>{t('disableAsk.text')}</Text>
        <Group justify="flex-end" mt="lg">
          <Button variant="default" onClick={close}>
            {common('cancel')}
          </Button>
          <Button
            color="brick"
            loading={update.isPending}
            onClick={() =>
              update.mutate({ id: user.id, status: 'disabled' }, { onSettled: () => close() })
            }
          >
            {t('disable')}
          </Button>
        </Group>
      </Dialog>
    </li>
  );
}

/** The bell in the header: how much waits, and the list behind it. */
import { ActionIcon, Indicator, Popover } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBell } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { NoticePanel } from './panel.tsx';
import { noticesQuery } from './queries.ts';

export function Bell() {
  const { t } = useTranslation('notices');
  const [opened, { toggle, close }] = useDisclosure(false);
  const list = useQuery(noticesQuery);
  const unread = list.data?.unread ?? 0;
  return (
    <Popover
      opened={opened}
      onChange={(next) => !next && close()}
      position="bottom-end"
      width="min(24rem, calc(100vw - 2rem))"
      radius="lg"
      shadow="lg"
      trapFocus
      withinPortal={false}
    >
      <Indicator
        label={unread > 9 ? '9+' : unread}
        size={20}
        offset={6}
        color="ember"
        disabled={unread === 0}
      >
        <Popover.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            size={44}
            radius="xl"
            aria-label={unread > 0 ? t('bellUnread', { count: unread }) : t('bell')}
            onClick={toggle}
          >
            <IconBell size={24} aria-hidden="true" />
          </ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown p={0} aria-label={t('bell')}>
        <NoticePanel />
      </Popover.Dropdown>
    </Popover>
  );
}

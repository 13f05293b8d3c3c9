/** What staff do with a thread: take or hand over, mark, close and open again. */
import { Button, Menu } from '@mantine/core';
import {
  IconCheck,
  IconChevronDown,
  IconFlag,
  IconFlagOff,
  IconUsersGroup,
  IconUserShare,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Thread } from '@afar/messaging/contract';
import { Trouble } from '../kit/trouble.tsx';
import { teamQuery, useDeed } from './queries.ts';

export function StaffTools({ thread }: { thread: Thread }) {
  const { t } = useTranslation('messages');
  const deed = useDeed(thread.id);
  const [opened, setOpened] = useState(false);
  const team = useQuery({ ...teamQuery(thread.id), enabled: opened });
  const assign = (to: string | null): void => deed.mutate({ deed: 'assign', body: { to } });
  return (
    <>
      <Menu
        opened={opened}
        onChange={setOpened}
        position="bottom-end"
        radius="lg"
        shadow="lg"
        withinPortal={false}
        withInitialFocusPlaceholder={false}
      >
        <Menu.Target>
          <Button
            variant="default"
            rightSection={<IconChevronDown size={16} aria-hidden="true" />}
            data-testid="hand-over"
          >
            {t('handOver')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {(team.data?.members ?? []).map((one) => (
            <Menu.Item
              key={one.account}
              leftSection={<IconUserShare size={18} aria-hidden="true" />}
              rightSection={
                thread.assignee?.account === one.account && (
                  <IconCheck size={16} aria-hidden="true" />
                )
              }
              onClick={() => assign(one.account)}
            >
              {one.you ? t('take') : one.name}
            </Menu.Item>
          ))}
          {team.isPending && <Menu.Label>{t('looking')}</Menu.Label>}
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconUsersGroup size={18} aria-hidden="true" />}
            disabled={!thread.assignee}
            onClick={() => assign(null)}
          >
            {t('toTeam')}
          </Menu.Item>
          <Menu.Item
            leftSection={
              thread.urgent ? (
                <IconFlagOff size={18} aria-hidden="true" />
              ) : (
                <IconFlag size={18} aria-hidden="true" />
              )
            }
            onClick={() => deed.mutate({ deed: 'urgent', body: { urgent: !thread.urgent } })}
          >
            {t(thread.urgent ? 'notUrgent' : 'markUrgent')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Button
        variant={thread.state === 'open' ? 'default' : 'filled'}
        loading={deed.isPending}
        onClick={() => deed.mutate({ deed: thread.state === 'open' ? 'close' : 'reopen' })}
        data-testid="close-thread"
      >
        {t(thread.state === 'open' ? 'close' : 'reopen')}
      </Button>
      {deed.error && <Trouble error={deed.error} />}
    </>
  );
}

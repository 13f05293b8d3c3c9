/** "Open an app": a menu in a chart, of the apps that are opened for the patient who is on screen. */
import { Button, Menu } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { IconApps, IconChevronDown, IconExternalLink } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { Trouble } from '../kit/trouble.tsx';
import { launchableQuery, launchApp } from './queries.ts';

interface Props {
  patient: string;
  encounter?: string;
}

/** Nothing where no app is opened from charts. */
export function LaunchMenu({ patient, encounter }: Props) {
  const { t } = useTranslation('authorize');
  const list = useQuery(launchableQuery);
  const launch = useMutation({
    // The window is opened by the click itself: later a browser would take it for an advertisement.
    mutationFn: async ({ client, window: opened }: { client: string; window: Window | null }) => {
      try {
        const { url } = await launchApp({ client, patient, ...(encounter && { encounter }) });
        if (opened) opened.location.replace(url);
        else location.assign(url);
      } catch (error) {
        opened?.close();
        throw error;
      }
    },
  });
  const apps = list.data?.apps ?? [];
  if (apps.length === 0) return null;
  return (
    <>
      <Menu
        withInitialFocusPlaceholder={false}
        position="bottom-end"
        radius="lg"
        shadow="lg"
        width={280}
      >
        <Menu.Target>
          <Button
            variant="default"
            leftSection={<IconApps size={18} aria-hidden="true" />}
            rightSection={<IconChevronDown size={16} aria-hidden="true" />}
            loading={launch.isPending}
            data-testid="launch-menu"
          >
            {t('launch.menu')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {apps.map((app) => (
            <Menu.Item
              key={app.client}
              leftSection={<IconExternalLink size={18} aria-hidden="true" />}
              onClick={() => {
                const opened = window.open('about:blank', '_blank');
                if (opened) opened.opener = null;
                launch.mutate({ client: app.client, window: opened });
              }}
            >
              {app.name}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      {launch.error && <Trouble error={launch.error} />}
    </>
  );
}

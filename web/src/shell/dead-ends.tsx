/** Pages for addresses that lead nowhere and for pages that failed. */
import { Button, Group } from '@mantine/core';
import { type ErrorComponentProps, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Empty } from '../kit/empty.tsx';
import { Page } from '../kit/page.tsx';

export function NotFound() {
  const { t } = useTranslation('shell');
  return (
    <Page title={t('notFound.title')}>
      <Empty text={t('notFound.text')}>
        <Button component={Link} to="/">
          {t('notFound.home')}
        </Button>
      </Empty>
    </Page>
  );
}

export function Broken({ reset }: ErrorComponentProps) {
  const { t } = useTranslation('shell');
  return (
    <Page title={t('broken.title')}>
      <Empty text={t('broken.text')}>
        <Group>
          <Button
            onClick={() => {
              reset();
              location.reload();
            }}
          >
            {t('broken.reload')}
          </Button>
        </Group>
      </Empty>
    </Page>
  );
}

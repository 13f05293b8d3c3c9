/** The way from one's account to the apps that may use it. */
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { Card } from '../account/card.tsx';

export function AppsCard() {
  const { t } = useTranslation('authorize');
  return (
    <Card
      title={t('apps.title')}
      lead={t('apps.lead')}
      actions={
        <Button component={Link} to="/account/apps" variant="default">
          {t('apps.show')}
        </Button>
      }
    />
  );
}

/** On the account's first page: the way to how she is told. */
import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Card } from '../card.tsx';

export function ContactsCard({ onOpen }: { onOpen: () => void }) {
  const { t } = useTranslation('notifications');
  return (
    <Card
      title={t('title')}
      lead={t('cardLead')}
      actions={
        <Button variant="default" onClick={onOpen}>
          {t('open')}
        </Button>
      }
    />
  );
}

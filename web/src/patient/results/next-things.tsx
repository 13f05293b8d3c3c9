/** On her first page: how many things she is to do, the way to her orders and results, and to those she stands for. */
import { Button, Group } from '@mantine/core';
import { IconChecklist, IconUsersGroup } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { myTasksQuery } from './queries.ts';

export function NextThings({ patient }: { patient: string | undefined }) {
  const { t } = useTranslation(['results', 'family']);
  const { data } = useQuery(myTasksQuery(patient));
  const count = data?.tasks.length ?? 0;
  return (
    <Group mt="lg" gap="sm">
      <Button
        component={Link}
        to="/patient/results"
        variant="default"
        leftSection={<IconChecklist size={20} aria-hidden="true" />}
        data-testid="next-things"
      >
        {count > 0 ? `${t('mine.open')}: ${t('mine.next', { count })}` : t('mine.open')}
      </Button>
      <Button
        component={Link}
        to="/patient/family"
        variant="default"
        leftSection={<IconUsersGroup size={20} aria-hidden="true" />}
      >
        {t('family:title')}
      </Button>
    </Group>
  );
}

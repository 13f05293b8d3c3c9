/** On her first page: how many things she is to do, and the way to them, to her orders and results. */
import { Button } from '@mantine/core';
import { IconChecklist } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { myTasksQuery } from './queries.ts';

export function NextThings({ patient }: { patient: string | undefined }) {
  const { t } = useTranslation('results');
  const { data } = useQuery(myTasksQuery(patient));
  const count = data?.tasks.length ?? 0;
  return (
    <Button
      component={Link}
      to="/patient/results"
      variant="default"
      mt="lg"
      leftSection={<IconChecklist size={20} aria-hidden="true" />}
      data-testid="next-things"
    >
      {count > 0 ? `${t('mine.open')}: ${t('mine.next', { count })}` : t('mine.open')}
    </Button>
  );
}

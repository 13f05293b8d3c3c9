/** Gives a patient taken from those who wait for anybody back to all, while nothing has begun. */
import { Button, Text } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { api } from '../kit/api.ts';
import { Trouble } from '../kit/trouble.tsx';

export function GiveBack({ visit, busy }: { visit: string; busy: boolean }) {
  const { t } = useTranslation('now');
  const client = useQueryClient();
  const navigate = useNavigate();
  const release = useMutation({
    mutationFn: () => api.post(`/api/on-demand/${visit}/release`),
    onSuccess: async () => {
      // The visit is no longer hers to read: away from its page before it is asked for again.
      await navigate({ to: '/clinician' });
      client.removeQueries({ queryKey: ['visit', visit] });
      void client.invalidateQueries({ queryKey: ['queue'] });
      void client.invalidateQueries({ queryKey: ['on-demand'] });
    },
  });
  return (
    <>
      {release.error && <Trouble error={release.error} retry={() => release.mutate()} />}
      <Button
        variant="default"
        disabled={busy}
        loading={release.isPending}
        onClick={() => release.mutate()}
        data-testid="give-back"
      >
        {t('pool.release')}
      </Button>
      <Text size="sm" c="dimmed">
        {t('pool.releaseText')}
      </Text>
    </>
  );
}

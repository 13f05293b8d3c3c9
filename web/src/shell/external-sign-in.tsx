/** Other places to sign in, by name; and what became of it when one of them sent her back. */
import { Button, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { IconBuildingHospital } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ExternalSignIns } from '@afar/access/contract';
import { api } from '../kit/api.ts';
import { Notice } from '../kit/trouble.tsx';
import type { ExternalFault } from './external-faults.ts';

export function ExternalFaultNotice({ fault }: { fault: ExternalFault }) {
  const { t } = useTranslation('authorize');
  return <Notice tone="warm" title={t(`external.${fault}`)} />;
}

export function ExternalSignIn({ next }: { next: string | undefined }) {
  const { t } = useTranslation('authorize');
  const list = useQuery({
    queryKey: ['external-sign-ins'],
    staleTime: 5 * 60_000,
    retry: false,
    queryFn: ({ signal }) => api.get<ExternalSignIns>('/auth/external', { signal }),
  });
  const providers = list.data?.providers ?? [];
  if (providers.length === 0) return null;
  return (
    <Stack gap="xs">
      {providers.map(({ id, name }) => (
        <Button
          key={id}
          component="a"
          variant="default"
          size="lg"
          leftSection={<IconBuildingHospital size={20} aria-hidden="true" />}
          href={`/auth/external/${id}/start${next ? `?next=${encodeURIComponent(next)}` : ''}`}
        >
          {t('external.with', { name })}
        </Button>
      ))}
    </Stack>
  );
}

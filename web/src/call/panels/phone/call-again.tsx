/** Tells somebody whose call broke off that she is awaited. */
import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { IconBellRinging } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { CalledAgain } from '@afar/visits/contract';
import { api, asApiError } from '../../../kit/api.ts';
import { Trouble } from '../../../kit/trouble.tsx';

export function CallAgain({ visitId, name }: { visitId: string; name: string }) {
  const { t } = useTranslation('panels');
  const call = useMutation({
    mutationFn: () => api.post<CalledAgain>(`/api/visits/${visitId}/call-again`),
  });
  const soon = call.isError && asApiError(call.error).status === 429;
  return (
    <>
      <Button
        variant="default"
        loading={call.isPending}
        onClick={() => call.mutate()}
        leftSection={<IconBellRinging size={20} aria-hidden="true" />}
        data-testid="call-again"
      >
        {t('phone.call')}
      </Button>
      <span role="status" data-testid="called-again">
        {call.data && t(call.data.present ? 'phone.present' : 'phone.called', { name })}
        {soon && t('phone.soon')}
      </span>
      {call.isError && !soon && <Trouble error={call.error} />}
    </>
  );
}

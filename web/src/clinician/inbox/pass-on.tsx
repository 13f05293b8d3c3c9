/** A result passed to a colleague who may see the chart. */
import { Button, Group, Select, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ResultItem } from '@afar/visits/contract';
import { api } from '../../kit/api.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { Pending } from '../../kit/page.tsx';
import { Notice, Trouble } from '../../kit/trouble.tsx';
import { colleaguesQuery } from './queries.ts';

interface Props {
  result: ResultItem;
  opened: boolean;
  onClose: () => void;
}

export function PassOn({ result, opened, onClose }: Props) {
  const { t } = useTranslation('results');
  const client = useQueryClient();
  const [to, setTo] = useState<string | null>(null);
  const colleagues = useQuery({ ...colleaguesQuery(result.id), enabled: opened });
  const pass = useMutation({
    mutationFn: () => api.post(`/api/results/${result.id}/pass`, { to }),
    onSuccess: () => {
      onClose();
      void client.invalidateQueries({ queryKey: ['results'] });
    },
  });
  return (
    <Dialog opened={opened} onClose={onClose} title={t('passDialog.title')}>
      <Stack gap="md">
        <Text>{t('passDialog.text')}</Text>
        {colleagues.isPending && <Pending rows={1} height={44} />}
        {colleagues.isError && <Trouble error={colleagues.error} />}
        {colleagues.data?.length === 0 && <Notice title={t('passDialog.none')} />}
        {colleagues.data && colleagues.data.length > 0 && (
          <Select
            label={t('passDialog.to')}
            value={to}
            onChange={setTo}
            data={colleagues.data.map((one) => ({ value: one.id, label: one.name }))}
          />
        )}
        {pass.error && <Trouble error={pass.error} kept />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('dialog.back')}
          </Button>
          <Button disabled={!to} loading={pass.isPending} onClick={() => pass.mutate()}>
            {t('passDialog.confirm')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

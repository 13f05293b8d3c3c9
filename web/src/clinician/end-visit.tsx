/** Ending a visit: how it was really held, what it is billed as, and a warning when the note is still open. */
import { Button, Group, Select, Stack, Text } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ended, EndRequest, VisitView } from '@afar/visits/contract';
import { Dialog } from '../kit/dialog.tsx';
import { api } from '../kit/api.ts';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { billingQuery } from './queries.ts';

const modes = ['video', 'audio', 'chat', 'phone', 'in-person'] as const;

interface Props {
  visit: VisitView;
  opened: boolean;
  onClose: () => void;
  onEnded: (ended: Ended) => void;
}

export function EndVisit({ visit, opened, onClose, onEnded }: Props) {
  const { t } = useTranslation('clinician');
  const { t: common } = useTranslation();
  const client = useQueryClient();
  const billing = useQuery({ ...billingQuery, enabled: opened });
  const [mode, setMode] = useState<string>(visit.mode);
  const [code, setCode] = useState<string | null>(null);
  const end = useMutation({
    mutationFn: () => {
      const body: EndRequest = {
        ...(mode !== visit.mode && { mode: mode as NonNullable<EndRequest['mode']> }),
        ...(code && { billingCode: code }),
      };
      return api.post<Ended>(`/api/visits/${visit.id}/end`, body);
    },
    onSuccess: (ended) => {
      void client.invalidateQueries({ queryKey: ['visit', visit.id] });
      void client.invalidateQueries({ queryKey: ['queue'] });
      void client.invalidateQueries({ queryKey: ['agenda'] });
      onEnded(ended);
    },
  });
  return (
    <Dialog
      opened={opened}
      onClose={onClose}
      title={t('end.title')}
      onExitTransitionEnd={() => {
        // After the end the button that opened this dialog is gone with the call.
        if (document.activeElement === document.body)
          document.getElementById('visit-name')?.focus();
      }}
    >
      <Stack gap="md">
        <Text>{t('end.text')}</Text>
        {visit.note !== 'signed' && <Notice tone="warm" title={t('end.unsigned')} />}
        <Select
          label={t('end.mode')}
          value={mode}
          allowDeselect={false}
          onChange={(value) => setMode(value ?? visit.mode)}
          data={modes.map((value) => ({
            value,
            label: value === 'phone' ? t('end.phone') : common(`visitType.${value}`),
          }))}
        />
        <Select
          label={t('end.billing')}
          placeholder={t('end.byMinutes')}
          value={code}
          clearable
          onChange={setCode}
          data={(billing.data?.codes ?? []).map((one) => ({ value: one.code, label: one.display }))}
        />
        {end.error && <Trouble error={end.error} kept />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('end.stay')}
          </Button>
          <Button
            color="brick"
            loading={end.isPending}
            onClick={() => end.mutate()}
            data-testid="end-confirm"
          >
            {t('end.confirm')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

/** The way out of a visit: what it costs said before, why in a word, one or the rest of a series. */
import { Button, Group, NativeSelect, Radio, Stack, Text, Textarea } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AppointmentView, CancelClass, CancelRequest } from '@afar/visits/contract';
import { api } from '../kit/api.ts';
import { Dialog } from '../kit/dialog.tsx';
import { Trouble } from '../kit/trouble.tsx';
import { useNow } from '../kit/use-now.ts';
import { PolicyLine } from './policy-line.tsx';

/** What a patient may have to say [FHIR R4 valueset-appointment-cancellation-reason]. */
const classes = ['pat', 'pat-fb', 'pat-lt', 'pat-mv', 'pat-ucp', 'oth-err', 'other'] as const;
type Why = (typeof classes)[number] & CancelClass;

export function CancelVisit({ visit }: { visit: AppointmentView }) {
  const { t } = useTranslation(['booking', 'patient']);
  const now = useNow(60_000);
  const client = useQueryClient();
  const [open, { open: ask, close }] = useDisclosure(false);
  const [why, setWhy] = useState<Why>('pat');
  const [words, setWords] = useState('');
  const [scope, setScope] = useState<'this' | 'following'>('this');
  const cancel = useMutation({
    mutationFn: (body: CancelRequest) =>
      api.post<AppointmentView>(`/api/appointments/${visit.id}/cancel`, body),
    onSuccess: async () => {
      close();
      await client.invalidateQueries({ queryKey: ['visit'] });
      await client.invalidateQueries({ queryKey: ['appointments'] });
    },
  });
  return (
    <>
      <Button variant="subtle" color="red" onClick={ask} data-testid="cancel-open">
        {t('patient:visit.cancel')}
      </Button>
      <Dialog opened={open} onClose={close} title={t('patient:visit.cancelTitle')}>
        <Stack gap="md">
          <Text>{t('patient:visit.cancelText')}</Text>
          <PolicyLine visit={visit} now={now} />
          <NativeSelect
            label={t('cancel.why')}
            value={why}
            data={classes.map((value) => ({ value, label: t(`cancel.${value}`) }))}
            onChange={(event) => setWhy(event.currentTarget.value as Why)}
          />
          <Textarea
            label={t('cancel.words')}
            maxLength={500}
            autosize
            value={words}
            onChange={(event) => setWords(event.currentTarget.value)}
          />
          {visit.series && (
            <Radio.Group
              label={t('scope.label')}
              value={scope}
              onChange={(value) => setScope(value as typeof scope)}
            >
              <Stack gap="xs" mt="xs">
                <Radio value="this" label={t('scope.this')} />
                <Radio value="following" label={t('scope.following')} />
              </Stack>
            </Radio.Group>
          )}
          {cancel.error && <Trouble error={cancel.error} kept />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {t('patient:visit.cancelNo')}
            </Button>
            <Button
              color="red"
              loading={cancel.isPending}
              data-testid="cancel-yes"
              onClick={() =>
                cancel.mutate({
                  class: why,
                  ...(words.trim() && { reason: words.trim() }),
                  ...(visit.series && { scope }),
                })
              }
            >
              {t('patient:visit.cancelYes')}
            </Button>
          </Group>
        </Stack>
      </Dialog>
    </>
  );
}

/** The answer to a result: one of four decisions, and what each needs. */
import { Button, Group, Radio, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { AcknowledgeRequest, ResultDecision, ResultItem } from '@afar/visits/contract';
import { api, asApiError } from '../../kit/api.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { Notice, Trouble } from '../../kit/trouble.tsx';

const decisions = ['no-action', 'told-patient', 'follow-up', 'message'] as const;

interface Props {
  result: ResultItem;
  opened: boolean;
  onClose: () => void;
}

export function Acknowledge({ result, opened, onClose }: Props) {
  const { t } = useTranslation('results');
  const client = useQueryClient();
  const form = useForm({
    initialValues: {
      decision: '' as ResultDecision | '',
      note: '',
      message: '',
      followUp: '',
      due: '',
    },
    validate: {
      decision: (value) => (value ? null : t('dialog.need')),
      message: (value, all) =>
        all.decision === 'message' && !value.trim() ? t('dialog.need') : null,
      followUp: (value, all) =>
        all.decision === 'follow-up' && !value.trim() ? t('dialog.need') : null,
    },
  });
  const { decision } = form.values;
  const done = useMutation({
    mutationFn: (values: typeof form.values) => {
      const body: AcknowledgeRequest = {
        revision: result.revision,
        decision: values.decision as ResultDecision,
        ...(values.note.trim() && { note: values.note.trim() }),
        ...(values.decision === 'message' && { message: values.message.trim() }),
        ...(values.decision === 'follow-up' && {
          followUp: {
            text: values.followUp.trim(),
            ...(values.due && { due: values.due }),
          },
        }),
      };
      return api.post(`/api/results/${result.id}/acknowledge`, body);
    },
    onSuccess: () => {
      onClose();
      void client.invalidateQueries({ queryKey: ['results'] });
    },
    onError: () => void client.invalidateQueries({ queryKey: ['results'] }),
  });
  const changed = done.error !== null && asApiError(done.error).status === 409;
  return (
    <Dialog opened={opened} onClose={onClose} title={t('dialog.title')}>
      <form noValidate onSubmit={form.onSubmit((values) => done.mutate(values))}>
        <Stack gap="md">
          <Radio.Group aria-label={t('dialog.title')} {...form.getInputProps('decision')}>
            <Stack gap="sm">
              {decisions.map((one) => (
                <Radio
                  key={one}
                  value={one}
                  label={t(`dialog.${one}`)}
                  data-testid={`decide-${one}`}
                />
              ))}
            </Stack>
          </Radio.Group>
          {decision === 'message' && (
            <Textarea
              label={t('dialog.message_label')}
              autosize
              minRows={3}
              maxLength={2_000}
              data-testid="decide-text"
              {...form.getInputProps('message')}
            />
          )}
          {decision === 'follow-up' && (
            <>
              <TextInput
                label={t('dialog.followUp')}
                maxLength={500}
                {...form.getInputProps('followUp')}
              />
              <TextInput type="date" label={t('dialog.due')} {...form.getInputProps('due')} />
            </>
          )}
          <Textarea
            label={t('dialog.note')}
            description={t('dialog.noteHelp')}
            autosize
            minRows={2}
            maxLength={2_000}
            {...form.getInputProps('note')}
          />
          {changed && <Notice tone="warm" title={t('dialog.conflict')} />}
          {done.error && !changed && <Trouble error={done.error} kept />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('dialog.back')}
            </Button>
            <Button type="submit" loading={done.isPending} data-testid="acknowledge">
              {t('dialog.confirm')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}

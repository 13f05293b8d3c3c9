/** A task given in a visit: to the patient, or to oneself and colleagues. */
import { Button, Group, SegmentedControl, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { TaskRequest, TaskView } from '@afar/visits/contract';
import { api } from '../../kit/api.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { Trouble } from '../../kit/trouble.tsx';
import { useMe } from '../../shell/session.ts';
import { useColleagues } from '../inbox/use-colleagues.ts';

interface Props {
  visit: string;
  opened: boolean;
  onClose: () => void;
}

export function GiveTask({ visit, opened, onClose }: Props) {
  const { t } = useTranslation('tasks');
  return (
    <Dialog opened={opened} onClose={onClose} title={t('giveTitle')}>
      <Form visit={visit} onDone={onClose} />
    </Dialog>
  );
}

function Form({ visit, onDone }: { visit: string; onDone: () => void }) {
  const { t } = useTranslation('tasks');
  const me = useMe();
  const client = useQueryClient();
  const colleagues = useColleagues();
  // One key for each filled form: pressing twice gives one task.
  const key = useRef(crypto.randomUUID());
  const form = useForm({
    initialValues: { for: 'patient' as TaskRequest['for'], text: '', due: '', owner: '' },
    validate: { text: (value) => (value.trim() ? null : t('need')) },
  });
  const give = useMutation({
    mutationFn: (values: typeof form.values) => {
      const { text, due, owner } = values;
      const body: TaskRequest = {
        for: values.for,
        text: text.trim(),
        ...(due && { due }),
        ...(values.for === 'staff' && owner && { owner }),
      };
      return api.post<TaskView>(`/api/visits/${visit}/tasks`, body, {
        headers: { 'idempotency-key': key.current },
      });
    },
    onSuccess: () => {
      key.current = crypto.randomUUID();
      void client.invalidateQueries({ queryKey: ['tasks'] });
      onDone();
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => give.mutate(values))}>
      <Stack gap="md">
        <SegmentedControl
          fullWidth
          aria-label={t('who')}
          data={(['patient', 'staff'] as const).map((value) => ({ value, label: t(value) }))}
          {...form.getInputProps('for')}
        />
        <TextInput
          label={t('text')}
          maxLength={500}
          data-testid="task-text"
          {...form.getInputProps('text')}
        />
        {form.values.for === 'staff' && (
          <Select
            label={t('owner')}
            placeholder={t('me')}
            searchable
            clearable
            data={colleagues.filter((one) => one.value !== me.fhirUser?.id)}
            {...form.getInputProps('owner')}
          />
        )}
        <TextInput type="date" label={t('dueBy')} {...form.getInputProps('due')} />
        {give.error && <Trouble error={give.error} kept />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t('back')}
          </Button>
          <Button type="submit" loading={give.isPending} data-testid="task-give">
            {t('confirm')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

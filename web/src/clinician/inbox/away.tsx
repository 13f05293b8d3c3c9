/** Who answers for results while a clinician is away. */
import { Button, Group, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { api } from '../../kit/api.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { Section } from '../../kit/page.tsx';
import { shortDate } from '../../kit/time.ts';
import { Trouble } from '../../kit/trouble.tsx';
import { useMe, useReader } from '../../shell/session.ts';
import classes from './inbox.module.css';
import { awayQuery } from './queries.ts';
import { useColleagues } from './use-colleagues.ts';

export function WhileAway() {
  const { t } = useTranslation('results');
  const { zone, locale } = useReader();
  const client = useQueryClient();
  const away = useQuery(awayQuery);
  const [opened, { open, close }] = useDisclosure(false);
  const back = useMutation({
    mutationFn: () => api.remove('/api/results/away'),
    onSuccess: () => client.invalidateQueries({ queryKey: awayQuery.queryKey }),
  });
  return (
    <Section title={t('away.title')}>
      <p className={classes.soft}>
        {away.data
          ? t('away.now', {
              name: away.data.coverName ?? '',
              date: shortDate(away.data.until, zone, locale),
            })
          : t('away.none')}
      </p>
      {(away.error ?? back.error) && <Trouble error={away.error ?? back.error} />}
      <Group mt="sm">
        <Button variant="default" onClick={open}>
          {t(away.data ? 'away.change' : 'away.set')}
        </Button>
        {away.data && (
          <Button variant="default" loading={back.isPending} onClick={() => back.mutate()}>
            {t('away.end')}
          </Button>
        )}
      </Group>
      <Dialog opened={opened} onClose={close} title={t('away.set')}>
        <AwayForm onDone={close} />
      </Dialog>
    </Section>
  );
}

function AwayForm({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation('results');
  const me = useMe();
  const client = useQueryClient();
  const colleagues = useColleagues();
  const form = useForm({
    initialValues: { cover: '', from: '', until: '' },
    validate: {
      cover: (value) => (value ? null : t('dialog.need')),
      from: (value) => (value ? null : t('dialog.need')),
      until: (value, all) => (value && value >= all.from ? null : t('dialog.need')),
    },
  });
  const save = useMutation({
    mutationFn: ({ cover, from, until }: typeof form.values) =>
      api.put('/api/results/away', {
        cover,
        from: new Date(`${from}T00:00`).toISOString(),
        until: new Date(`${until}T23:59`).toISOString(),
      }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: awayQuery.queryKey });
      onDone();
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack gap="md">
        <Select
          label={t('away.cover')}
          description={t('away.help')}
          searchable
          data={colleagues.filter((one) => one.value !== me.fhirUser?.id)}
          {...form.getInputProps('cover')}
        />
        <Group grow>
          <TextInput type="date" label={t('away.from')} {...form.getInputProps('from')} />
          <TextInput type="date" label={t('away.until')} {...form.getInputProps('until')} />
        </Group>
        {save.error && <Trouble error={save.error} kept />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t('dialog.back')}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t('away.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

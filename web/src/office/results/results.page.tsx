/** The office's view of results: which nobody answered, with whom they lie, and how the clinic handles them. No patient is named. */
import { Badge, Button, Group, NumberInput, Select, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ResultSettings, Unanswered } from '@afar/visits/contract';
import { useColleagues } from '../../clinician/inbox/use-colleagues.ts';
import lines from '../../clinician/inbox/inbox.module.css';
import { api } from '../../kit/api.ts';
import { Dialog } from '../../kit/dialog.tsx';
import { Empty } from '../../kit/empty.tsx';
import { Page, Pending, Section } from '../../kit/page.tsx';
import { relative } from '../../kit/time.ts';
import { Notice, Trouble } from '../../kit/trouble.tsx';
import { useNow } from '../../kit/use-now.ts';
import { useReader } from '../../shell/session.ts';
import { OfficeTabs } from '../office-tabs.tsx';

const unansweredQuery = queryOptions({
  queryKey: ['results', 'unanswered'],
  refetchInterval: 60_000,
  queryFn: ({ signal }) => api.get<Unanswered>('/api/results/unanswered', { signal }),
});

const settingsQuery = queryOptions({
  queryKey: ['results', 'settings'],
  queryFn: ({ signal }) => api.get<ResultSettings>('/api/results/settings', { signal }),
});

export function OfficeResultsPage() {
  const { t } = useTranslation('results');
  const { locale } = useReader();
  const now = useNow(60_000);
  const waiting = useQuery(unansweredQuery);
  const settings = useQuery(settingsQuery);
  const [giving, setGiving] = useState<string>();
  return (
    <Page title={t('office.title')} lead={t('office.lead')}>
      <OfficeTabs />
      {waiting.isPending && <Pending rows={2} height={64} />}
      {waiting.isError && <Trouble error={waiting.error} retry={() => void waiting.refetch()} />}
      {waiting.data?.results.length === 0 && <Empty text={t('office.none')} />}
      <ul className={lines.lines}>
        {waiting.data?.results.map((one) => (
          <li key={one.id} className={lines.line}>
            <Badge color={one.level === 'critical' ? 'brick' : 'ember'}>
              {t(`level.${one.level}`)}
            </Badge>
            <span className={lines.who}>{one.responsible?.name ?? t('office.nobody')}</span>
            <span className={lines.soft}>
              {t(`office.reason.${one.reason}`)} ·{' '}
              {t('since', { when: relative(one.since, now, locale) })}
            </span>
            <Button
              className={lines.push!}
              size="compact-md"
              variant="default"
              onClick={() => setGiving(one.id)}
            >
              {t('office.assign')}
            </Button>
          </li>
        ))}
      </ul>
      <Dialog
        opened={giving !== undefined}
        onClose={() => setGiving(undefined)}
        title={t('office.assign')}
      >
        {giving && <Assign result={giving} onDone={() => setGiving(undefined)} />}
      </Dialog>
      <Section title={t('office.settings')}>
        {settings.isError && <Trouble error={settings.error} />}
        {settings.data && <Settings settings={settings.data} />}
      </Section>
    </Page>
  );
}

function Assign({ result, onDone }: { result: string; onDone: () => void }) {
  const { t } = useTranslation('results');
  const client = useQueryClient();
  const colleagues = useColleagues();
  const [to, setTo] = useState<string | null>(null);
  const assign = useMutation({
    mutationFn: () => api.post(`/api/results/${result}/assign`, { to }),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['results'] });
      onDone();
    },
  });
  return (
    <Stack gap="md">
      <Select
        label={t('passDialog.to')}
        description={t('office.assignText')}
        searchable
        value={to}
        onChange={setTo}
        data={colleagues}
      />
      {assign.error && <Trouble error={assign.error} kept />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onDone}>
          {t('dialog.back')}
        </Button>
        <Button disabled={!to} loading={assign.isPending} onClick={() => assign.mutate()}>
          {t('office.assign')}
        </Button>
      </Group>
    </Stack>
  );
}

function Settings({ settings }: { settings: ResultSettings }) {
  const { t } = useTranslation('results');
  const client = useQueryClient();
  const form = useForm({
    initialValues: { ...settings, releaseHours: settings.releaseHours ?? ('' as number | '') },
  });
  const save = useMutation({
    mutationFn: ({ releaseHours, ...rest }: typeof form.values) =>
      api.put<ResultSettings>('/api/results/settings', {
        ...rest,
        ...(rest.release === 'seen' && releaseHours !== '' && { releaseHours }),
      }),
    onSuccess: (saved) => client.setQueryData(settingsQuery.queryKey, saved),
  });
  const figures = [
    ['criticalMinutes', 5, 1_440],
    ['abnormalHours', 1, 336],
    ['otherDays', 1, 60],
  ] as const;
  return (
    <form noValidate onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack gap="md" maw="28rem">
        {figures.map(([name, min, max]) => (
          <NumberInput
            key={name}
            label={t(`office.${name}`)}
            min={min}
            max={max}
            {...form.getInputProps(name)}
          />
        ))}
        <Select
          label={t('office.release')}
          allowDeselect={false}
          data={[
            { value: 'at-once', label: t('office.atOnce') },
            { value: 'seen', label: t('office.seen') },
          ]}
          {...form.getInputProps('release')}
        />
        {form.values.release === 'seen' && (
          <NumberInput
            label={t('office.releaseHours')}
            description={t('office.releaseHelp')}
            min={1}
            max={720}
            {...form.getInputProps('releaseHours')}
          />
        )}
        {save.error && <Trouble error={save.error} kept />}
        {save.isSuccess && <Notice tone="good" title={t('office.saved')} />}
        <Group>
          <Button type="submit" loading={save.isPending}>
            {t('office.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

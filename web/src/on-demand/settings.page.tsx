/** The office's page of being seen now: whether it is open, how, and how many may wait. */
import { Button, Checkbox, Group, NumberInput, Stack, Switch } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OnDemandSettings, VisitMode } from '@afar/visits/contract';
import { api } from '../kit/api.ts';
import { Page, Pending, Section } from '../kit/page.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { OfficeTabs } from '../office/office-tabs.tsx';
import classes from './on-demand.module.css';
import { nowQuery, settingsQuery } from './queries.ts';

const offered: VisitMode[] = ['video', 'audio', 'chat'];

export function SettingsPage() {
  const { t } = useTranslation('now');
  const settings = useQuery(settingsQuery);
  return (
    <Page title={t('office.title')} lead={t('office.lead')}>
      <OfficeTabs />
      {settings.isPending && <Pending rows={3} height={72} />}
      {settings.isError && <Trouble error={settings.error} retry={() => void settings.refetch()} />}
      {settings.data && <SettingsForm before={settings.data} />}
      <Section title={t('office.now')}>
        <Now />
      </Section>
    </Page>
  );
}

function Now() {
  const { t } = useTranslation('now');
  const { data } = useQuery(nowQuery);
  if (!data) return null;
  return (
    <p className={classes.soft} role="status">
      {data.onDuty ? t('card.onDuty', { count: data.onDuty }) : `${t('ask.nobody')}.`}{' '}
      {t('ask.waiting', { count: data.waiting })}
    </p>
  );
}

function SettingsForm({ before }: { before: OnDemandSettings }) {
  const { t } = useTranslation('now');
  const { t: common } = useTranslation();
  const client = useQueryClient();
  const [now, setNow] = useState(before);
  const save = useMutation({
    mutationFn: () => api.put<OnDemandSettings>('/api/on-demand/settings', now),
    onSuccess: (kept) => {
      client.setQueryData([...settingsQuery.queryKey], kept);
      void client.invalidateQueries({ queryKey: [...nowQuery.queryKey] });
    },
  });
  const change = (part: Partial<OnDemandSettings>): void => {
    save.reset();
    setNow({ ...now, ...part });
  };
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        if (now.modes.length) save.mutate();
      }}
    >
      <Switch
        size="md"
        label={t('office.open')}
        checked={now.open}
        onChange={(event) => change({ open: event.currentTarget.checked })}
      />
      <Checkbox.Group
        label={t('office.modes')}
        value={now.modes}
        onChange={(modes) => change({ modes: modes as VisitMode[] })}
        error={now.modes.length === 0 && t('office.modesNeeded')}
      >
        <Group mt={6}>
          {offered.map((mode) => (
            <Checkbox key={mode} value={mode} label={common(`visitMode.${mode}`)} />
          ))}
        </Group>
      </Checkbox.Group>
      <Stack maw="20rem">
        <NumberInput
          label={t('office.most')}
          min={1}
          max={200}
          allowDecimal={false}
          value={now.mostWaiting}
          onChange={(value) => change({ mostWaiting: Number(value) })}
        />
        <NumberInput
          label={t('office.minutes')}
          min={5}
          max={120}
          allowDecimal={false}
          value={now.minutes}
          onChange={(value) => change({ minutes: Number(value) })}
        />
      </Stack>
      {save.error && <Trouble error={save.error} kept />}
      {save.isSuccess && <Notice tone="good" title={t('office.saved')} />}
      <Button type="submit" loading={save.isPending} data-testid="save-on-demand">
        {t('office.save')}
      </Button>
    </form>
  );
}

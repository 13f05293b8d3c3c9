/** The office's say on messages and reminders: what is promised, who stands in, when people are reminded; and what became of it. */
import {
  Button,
  Checkbox,
  MultiSelect,
  NativeSelect,
  NumberInput,
  Stack,
  Table,
} from '@mantine/core';
import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Bundle, Practitioner } from '@afar/fhir';
import type { MessagingSettings } from '@afar/messaging/contract';
import type { ReminderRule, ReminderRules, ReminderStanding } from '@afar/visits/contract';
import { Card } from '../account/card.tsx';
import classes from '../account/account.module.css';
import { personName } from '../clinician/person-name.ts';
import { api } from '../kit/api.ts';
import { Page, Pending } from '../kit/page.tsx';
import { Notice, Trouble } from '../kit/trouble.tsx';
import { OfficeTabs } from '../office/office-tabs.tsx';
import { settingsQuery } from './queries.ts';

const rulesQuery = queryOptions({
  queryKey: ['reminders', 'rules'],
  queryFn: ({ signal }) => api.get<ReminderRules>('/api/reminders/rules', { signal }),
});
const standingQuery = queryOptions({
  queryKey: ['reminders', 'standing'],
  queryFn: ({ signal }) => api.get<ReminderStanding>('/api/reminders/standing', { signal }),
});
const staffQuery = queryOptions({
  queryKey: ['reminders', 'practitioners'],
  staleTime: 300_000,
  queryFn: ({ signal }) => api.get<Bundle>('/fhir/R4/Practitioner?_count=200', { signal }),
});

export function OfficeMessagesPage() {
  const { t } = useTranslation('messages');
  const settings = useQuery(settingsQuery);
  const rules = useQuery(rulesQuery);
  return (
    <Page title={t('office.title')} lead={t('office.lead')}>
      <OfficeTabs />
      {(settings.isPending || rules.isPending) && <Pending rows={2} height={160} />}
      {settings.error && <Trouble error={settings.error} retry={() => void settings.refetch()} />}
      {rules.error && <Trouble error={rules.error} retry={() => void rules.refetch()} />}
      <div className={classes.cards}>
        {settings.data && <Promises settings={settings.data} />}
        {rules.data && <Rules rules={rules.data} />}
        <Standing />
      </div>
    </Page>
  );
}

/** Saved, not saved, saving. */
function Save({
  mutation,
  onSave,
}: {
  mutation: { isPending: boolean; isSuccess: boolean; error: unknown };
  onSave: () => void;
}) {
  const { t } = useTranslation('messages');
  return (
    <>
      {Boolean(mutation.error) && <Trouble error={mutation.error} kept />}
      {mutation.isSuccess && <Notice tone="good" title={t('office.saved')} />}
      <Button loading={mutation.isPending} onClick={onSave} style={{ alignSelf: 'flex-start' }}>
        {t('office.save')}
      </Button>
    </>
  );
}

function Promises({ settings }: { settings: MessagingSettings }) {
  const { t } = useTranslation('messages');
  const client = useQueryClient();
  const staff = useQuery(staffQuery);
  const [hours, setHours] = useState<number | string>(settings.hours);
  const [pool, setPool] = useState(settings.pool ?? []);
  const saving = useMutation({
    mutationFn: () => api.put('/api/messaging/settings', { hours: Number(hours), pool }),
    onSuccess: () => client.invalidateQueries({ queryKey: settingsQuery.queryKey }),
  });
  const people = (staff.data?.entry ?? []).flatMap(({ resource }) => {
    const one = resource as Practitioner | undefined;
    return one?.id ? [{ value: one.id, label: personName(one.name) || one.id }] : [];
  });
  return (
    <Card title={t('office.promise')} lead={t('office.promiseLead')}>
      <Stack gap="md" mt="md">
        <NumberInput
          label={t('office.hours')}
          min={1}
          max={240}
          value={hours}
          onChange={setHours}
          size="md"
        />
        <MultiSelect
          label={t('office.pool')}
          description={t('office.poolHelp')}
          searchable
          size="md"
          data={people}
          value={pool}
          onChange={setPool}
        />
        <Save mutation={saving} onSave={() => saving.mutate()} />
      </Stack>
    </Card>
  );
}

/** What an office chooses from; rules made elsewhere stay as they are. */
const presets: ReminderRule[] = [
  { id: '7d', before: 7 * 1440 },
  { id: '3d', before: 3 * 1440 },
  { id: '24h', before: 1440 },
  { id: 'eve', daysBefore: 1, at: '18:00' },
  { id: '3h', before: 180 },
  { id: '1h', before: 60 },
  { id: '30m', before: 30 },
];
const surveyAfter = [0, 30, 120, 1440];

function Rules({ rules }: { rules: ReminderRules }) {
  const { t } = useTranslation('messages');
  const client = useQueryClient();
  const [chosen, setChosen] = useState(rules.visits.map((one) => one.id));
  const [sayTime, setSayTime] = useState(rules.sayTime);
  const [after, setAfter] = useState(rules.surveyAfter);
  const known = [
    ...presets,
    ...rules.visits.filter((one) => presets.every(({ id }) => id !== one.id)),
  ];
  const saving = useMutation({
    mutationFn: () =>
      api.put<ReminderRules>('/api/reminders/rules', {
        visits: known.filter(({ id }) => chosen.includes(id)),
        sayTime,
        surveyAfter: after,
      }),
    onSuccess: (saved) => client.setQueryData(rulesQuery.queryKey, saved),
  });
  return (
    <Card title={t('office.reminders')} lead={t('office.remindersLead')}>
      <Stack gap="md" mt="md">
        <Checkbox.Group label={t('office.when')} value={chosen} onChange={setChosen}>
          <Stack gap="xs" mt="xs">
            {known.map(({ id }) => (
              <Checkbox
                key={id}
                value={id}
                label={t(`office.rule.${id}`, { defaultValue: id })}
                disabled={!chosen.includes(id) && chosen.length >= 6}
              />
            ))}
          </Stack>
        </Checkbox.Group>
        <Checkbox
          label={t('office.sayTime')}
          description={t('office.sayTimeHelp')}
          checked={sayTime}
          onChange={(event) => setSayTime(event.currentTarget.checked)}
        />
        <NativeSelect
          label={t('office.survey')}
          size="md"
          value={String(after)}
          data={[...new Set([...surveyAfter, after])].map((value) => ({
            value: String(value),
            label: t(`office.after.${value}`, { defaultValue: `${value}` }),
          }))}
          onChange={(event) => setAfter(Number(event.currentTarget.value))}
        />
        <Save mutation={saving} onSave={() => saving.mutate()} />
      </Stack>
    </Card>
  );
}

function Standing() {
  const { t } = useTranslation('messages');
  const { data } = useQuery(standingQuery);
  if (!data) return null;
  return (
    <Card title={t('office.standing')} lead={t('office.standingLead')}>
      <Table mt="md">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t('office.way')}</Table.Th>
            {(['sent', 'unknown', 'failed'] as const).map((state) => (
              <Table.Th key={state}>{t(`office.state.${state}`)}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {data.ways.map((one) => (
            <Table.Tr key={one.way}>
              <Table.Th scope="row">{t(`office.ways.${one.way}`)}</Table.Th>
              <Table.Td>{one.sent}</Table.Td>
              <Table.Td>{one.unknown}</Table.Td>
              <Table.Td>{one.failed}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Card>
  );
}

/** A room or an interpreter: its name, for how many at once, which languages, and when it can be had. */
import {
  Button,
  Group,
  MultiSelect,
  NumberInput,
  Select,
  Stack,
  Switch,
  TextInput,
} from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Resource, ResourceKind, ResourceRequest } from '@afar/visits/contract';
import { api, asApiError } from '../../kit/api.ts';
import { languageChoices } from '../../kit/language-choices.ts';
import { Trouble } from '../../kit/trouble.tsx';
import { useReader } from '../../shell/session.ts';
import { WeekHours } from '../hours/week-hours.tsx';

const fresh = (kind: ResourceKind, zone: string): ResourceRequest => ({
  kind,
  name: '',
  capacity: 1,
  languages: [],
  zone,
  hours: ([1, 2, 3, 4, 5] as const).map((day) => ({ day, start: '08:00', end: '18:00' })),
  exceptions: [],
  closures: [],
  active: true,
});

interface Props {
  /** One that is there, or of what kind a new one is. */
  resource: Resource | ResourceKind;
  onDone: () => void;
}

export function ResourceForm({ resource, onDone }: Props) {
  const { t } = useTranslation('hours');
  const { t: common } = useTranslation();
  const { zone, locale } = useReader();
  const client = useQueryClient();
  const [asked, setAsked] = useState<ResourceRequest>(() =>
    typeof resource === 'string' ? fresh(resource, zone) : resource,
  );
  const set = (change: Partial<ResourceRequest>): void => setAsked({ ...asked, ...change });
  const save = useMutation({
    mutationFn: (body: ResourceRequest) =>
      typeof resource === 'string'
        ? api.post<Resource>('/api/resources', body)
        : api.put<Resource>(`/api/resources/${resource.id}`, body),
    onSuccess: async () => {
      await Promise.all([
        client.invalidateQueries({ queryKey: ['resources'] }),
        client.invalidateQueries({ queryKey: ['calendar'] }),
      ]);
      onDone();
    },
  });
  const issues = save.error ? asApiError(save.error).issues : [];
  const faultAt = (expression: string): boolean =>
    issues.some((one) => one.expression?.some((at) => at.startsWith(expression)));
  const zones = [...new Set([asked.zone, ...Intl.supportedValuesOf('timeZone'), 'UTC'])].toSorted();
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ ...asked, name: asked.name.trim() });
      }}
    >
      <Stack gap="md">
        <Group grow align="flex-start">
          <TextInput
            label={t('resources.name')}
            maxLength={80}
            value={asked.name}
            error={faultAt('name') && t('faults.name')}
            onChange={(event) => set({ name: event.currentTarget.value })}
            data-autofocus
          />
          <NumberInput
            label={t('resources.capacity')}
            min={1}
            max={100}
            allowDecimal={false}
            value={asked.capacity}
            error={faultAt('capacity') && t('faults.number')}
            onChange={(value) => set({ capacity: Number(value) || 1 })}
          />
        </Group>
        {asked.kind === 'interpreter' && (
          <MultiSelect
            label={t('resources.languages')}
            searchable
            data={languageChoices(locale)}
            value={asked.languages}
            error={faultAt('languages') && t('faults.languages')}
            onChange={(languages) => set({ languages })}
          />
        )}
        <Select
          label={t('zone')}
          searchable
          allowDeselect={false}
          limit={60}
          value={asked.zone}
          data={zones}
          onChange={(next) => next && set({ zone: next })}
        />
        <WeekHours
          hours={asked.hours}
          onChange={(hours) => set({ hours })}
          faultAt={(index) => faultAt(`hours[${index}]`)}
        />
        <Switch
          label={t('resources.active')}
          checked={asked.active}
          onChange={(event) => set({ active: event.currentTarget.checked })}
        />
        {save.error && <Trouble error={save.error} kept />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {common('cancel')}
          </Button>
          <Button type="submit" loading={save.isPending} disabled={!asked.name.trim()}>
            {common('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

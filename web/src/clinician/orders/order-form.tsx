/** An order of a laboratory, of a picture or to a colleague: in words, or in a code the clinic has. */
import { Autocomplete, Button, Group, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Coding, OrderRequest, OrderView } from '@afar/visits/contract';
import { api } from '../../kit/api.ts';
import { Trouble } from '../../kit/trouble.tsx';
import { useColleagues } from '../inbox/use-colleagues.ts';

export type FormKind = 'lab' | 'imaging' | 'referral';

const modalities = ['DX', 'CT', 'MR', 'US', 'MG', 'NM'] as const;
const priorities = ['routine', 'urgent', 'stat'] as const;

/** The value set a kind's codes are looked for in, where the clinic has loaded it [FHIR R4 implicit value sets]. */
const valueSets: Record<FormKind, string> = {
  lab: 'http://loinc.org/vs',
  imaging: 'http://loinc.org/vs',
  referral: 'http://snomed.info/sct?fhir_vs',
};

interface Expansion {
  expansion?: { contains?: Partial<Coding>[] };
}

/** Codes whose words match; none where the clinic has no such code system: then words alone are ordered. */
function useCodes(kind: FormKind, typed: string): Coding[] {
  const [asked] = useDebouncedValue(typed.trim(), 250);
  const { data = [] } = useQuery({
    queryKey: ['codes', kind, asked],
    enabled: asked.length >= 3,
    retry: false,
    staleTime: 300_000,
    queryFn: async ({ signal }) => {
      const query = new URLSearchParams({ url: valueSets[kind], filter: asked, count: '10' });
      const found = await api
        .get<Expansion>(`/fhir/R4/ValueSet/$expand?${query}`, { signal })
        .catch((): Expansion => ({}));
      return (found.expansion?.contains ?? []).flatMap(({ system, code, display }) =>
        system && code && display ? [{ system, code, display }] : [],
      );
    },
  });
  return data;
}

interface Props {
  visit: string;
  kind: FormKind;
  onDone: () => void;
}

export function OrderForm({ visit, kind, onDone }: Props) {
  const { t } = useTranslation('orders');
  const client = useQueryClient();
  const colleagues = useColleagues();
  // One key for each filled form: pressing twice, or again after a failure, orders once.
  const key = useRef(crypto.randomUUID());
  const form = useForm({
    initialValues: {
      text: '',
      reason: '',
      instructions: '',
      specimen: '',
      bodySite: '',
      modality: '',
      target: '',
      due: '',
      priority: 'routine',
    },
    validate: { text: (value) => (value.trim() ? null : t('need')) },
  });
  const codes = useCodes(kind, form.values.text);
  const place = useMutation({
    mutationFn: (values: typeof form.values) => {
      const { text, priority, due, target, modality } = values;
      const code = codes.find((one) => one.display === text);
      const words = Object.fromEntries(
        (['reason', 'instructions', 'specimen', 'bodySite'] as const).flatMap((name) =>
          values[name].trim() ? [[name, values[name].trim()]] : [],
        ),
      );
      const body: OrderRequest = {
        kind,
        text: text.trim(),
        priority: priority as 'routine',
        ...words,
        ...(due && { due }),
        ...(code && { code }),
        ...(modality && { modality }),
        ...(target && { target: { type: 'Practitioner' as const, id: target } }),
      };
      return api.post<OrderView>(`/api/visits/${visit}/orders`, body, {
        headers: { 'idempotency-key': key.current },
      });
    },
    onSuccess: () => {
      key.current = crypto.randomUUID();
      void client.invalidateQueries({ queryKey: ['orders', visit] });
      onDone();
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => place.mutate(values))}>
      <Stack gap="md">
        <Autocomplete
          label={t(`text.${kind}`)}
          description={t('textHelp')}
          maxLength={500}
          data={[...new Set(codes.flatMap((one) => one.display ?? []))]}
          filter={({ options }) => options}
          data-testid="order-what"
          {...form.getInputProps('text')}
        />
        {kind === 'imaging' && (
          <Group grow>
            <Select
              label={t('modality')}
              clearable
              data={modalities.map((value) => ({ value, label: t(`modalities.${value}`) }))}
              {...form.getInputProps('modality')}
            />
            <TextInput label={t('bodySite')} maxLength={100} {...form.getInputProps('bodySite')} />
          </Group>
        )}
        {kind === 'lab' && (
          <TextInput label={t('specimen')} maxLength={100} {...form.getInputProps('specimen')} />
        )}
        {kind === 'referral' && (
          <Select
            label={t('target')}
            description={t('targetHelp')}
            nothingFoundMessage={t('targetNone')}
            searchable
            clearable
            data={colleagues}
            {...form.getInputProps('target')}
          />
        )}
        <TextInput label={t('reason')} maxLength={1_000} {...form.getInputProps('reason')} />
        <Textarea
          label={t('instructions')}
          description={t('instructionsHelp')}
          autosize
          minRows={2}
          maxLength={1_000}
          {...form.getInputProps('instructions')}
        />
        <Group grow align="flex-end">
          <Select
            label={t('priority')}
            allowDeselect={false}
            data={priorities.map((value) => ({ value, label: t(value) }))}
            {...form.getInputProps('priority')}
          />
          <TextInput type="date" label={t('due')} {...form.getInputProps('due')} />
        </Group>
        {place.error && <Trouble error={place.error} kept />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t('back')}
          </Button>
          <Button type="submit" loading={place.isPending} data-testid="order-place">
            {t('place')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

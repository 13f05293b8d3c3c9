/** What came on paper or by telephone, written down for an order. */
import { Button, Group, NumberInput, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { IconPlus } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { OrderView, RecordResultRequest } from '@afar/visits/contract';
import { api } from '../../kit/api.ts';
import { Trouble } from '../../kit/trouble.tsx';

type Written = RecordResultRequest['values'][number];
const marks = ['N', 'L', 'H', 'A', 'LL', 'HH', 'AA'] as const;

interface Line {
  key: string;
  name: string;
  value: number | string;
  unit: string;
  low: number | string;
  high: number | string;
  interpretation: string;
}

const line = (name = ''): Line => ({
  key: crypto.randomUUID(),
  name,
  value: '',
  unit: '',
  low: '',
  high: '',
  interpretation: '',
});

interface Props {
  visit: string;
  order: OrderView;
  onDone: () => void;
}

export function RecordResult({ visit, order, onDone }: Props) {
  const { t } = useTranslation('orders');
  const client = useQueryClient();
  const form = useForm({
    initialValues: {
      status: 'final' as RecordResultRequest['status'],
      conclusion: '',
      lines: order.kind === 'lab' ? [line(order.text)] : [],
    },
    validate: {
      conclusion: (value, all) =>
        value.trim() || all.lines.some((one) => one.value !== '') ? null : t('record.need'),
      lines: {
        name: (value) => (value.trim() ? null : t('record.need')),
        value: (value) => (typeof value === 'number' ? null : t('record.number')),
        unit: (value) => (value.trim() ? null : t('record.need')),
      },
    },
  });
  const save = useMutation({
    mutationFn: ({ status, conclusion, lines }: typeof form.values) => {
      const values = lines.map(({ name, value, unit, low, high, interpretation }): Written => {
        const coded = name === order.text ? order.code : undefined;
        return {
          name: name.trim(),
          value: Number(value),
          unit: unit.trim(),
          ...(coded && { code: coded }),
          ...(typeof low === 'number' && { low }),
          ...(typeof high === 'number' && { high }),
          ...(interpretation && {
            interpretation: interpretation as NonNullable<Written['interpretation']>,
          }),
        };
      });
      const body: RecordResultRequest = {
        status,
        values,
        ...(conclusion.trim() && { conclusion: conclusion.trim() }),
      };
      return api.post(`/api/orders/${order.reference.split('/')[1]}/result`, body);
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['orders', visit] });
      void client.invalidateQueries({ queryKey: ['results'] });
      onDone();
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack gap="md">
        {form.values.lines.map((one, at) => (
          <fieldset key={one.key} style={{ border: 0, padding: 0, margin: 0, minInlineSize: 0 }}>
            <Group align="flex-end" gap="sm" grow preventGrowOverflow={false}>
              <TextInput label={t('record.name')} {...form.getInputProps(`lines.${at}.name`)} />
              <NumberInput
                label={t('record.value')}
                hideControls
                {...form.getInputProps(`lines.${at}.value`)}
              />
              <TextInput
                label={t('record.unit')}
                maxLength={40}
                {...form.getInputProps(`lines.${at}.unit`)}
              />
              <NumberInput
                label={t('record.low')}
                hideControls
                {...form.getInputProps(`lines.${at}.low`)}
              />
              <NumberInput
                label={t('record.high')}
                hideControls
                {...form.getInputProps(`lines.${at}.high`)}
              />
              <Select
                label={t('record.interpretation')}
                placeholder={t('record.none')}
                clearable
                data={marks.map((value) => ({ value, label: t(`record.${value}`) }))}
                {...form.getInputProps(`lines.${at}.interpretation`)}
              />
              <Button
                variant="subtle"
                color="brick"
                onClick={() => form.removeListItem('lines', at)}
              >
                {t('record.remove')}
              </Button>
            </Group>
          </fieldset>
        ))}
        <Group>
          <Button
            variant="default"
            leftSection={<IconPlus size={18} aria-hidden="true" />}
            onClick={() => form.insertListItem('lines', line())}
          >
            {t('record.add')}
          </Button>
        </Group>
        <Textarea
          label={t('record.conclusion')}
          autosize
          minRows={3}
          maxLength={10_000}
          {...form.getInputProps('conclusion')}
        />
        <Select
          label={t('record.status')}
          allowDeselect={false}
          data={(['final', 'preliminary'] as const).map((value) => ({
            value,
            label: t(`record.${value}`),
          }))}
          {...form.getInputProps('status')}
        />
        {save.error && <Trouble error={save.error} kept />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t('back')}
          </Button>
          <Button type="submit" loading={save.isPending}>
            {t('record.save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** A template written or changed: its name, its words, what it fills from a chart. */
import { Button, Code, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { Template, TemplateBody, TemplateKind, TemplateRequest } from '@afar/visits/contract';
import { api } from '../../kit/api.ts';
import { Trouble } from '../../kit/trouble.tsx';
import { templatesQuery } from './queries.ts';

const parts = ['subjective', 'objective', 'assessment', 'plan'] as const;
const chartFields = [
  'age',
  'sex',
  'allergies',
  'medicines',
  'conditions',
  'vitals',
  'blood-pressure',
  'pulse',
  'weight',
  'reason',
  'date',
] as const;
const abbreviation = /^[a-z0-9-]{2,20}$/;

interface Props {
  kind: TemplateKind;
  template?: Template;
  onDone: () => void;
}

export function TemplateForm({ kind, template, onDone }: Props) {
  const { t } = useTranslation('templates');
  const { t: note } = useTranslation('clinician');
  const client = useQueryClient();
  const { sections, text, orders } = template?.body ?? {};
  const form = useForm({
    initialValues: {
      name: template?.name ?? '',
      abbr: template?.abbr ?? '',
      text: text ?? '',
      lines: (orders ?? []).map((one) => one.text).join('\n'),
      subjective: sections?.subjective ?? '',
      objective: sections?.objective ?? '',
      assessment: sections?.assessment ?? '',
      plan: sections?.plan ?? '',
    },
    validate: {
      name: (value) => (value.trim() ? null : t('need')),
      abbr: (value) => (kind !== 'phrase' || abbreviation.test(value) ? null : t('abbrBad')),
      text: (value) => (kind !== 'phrase' || value.trim() ? null : t('need')),
      lines: (value) => (kind !== 'orders' || value.trim() ? null : t('need')),
    },
  });
  const bodyOf = (values: typeof form.values): TemplateBody => {
    if (kind === 'phrase') return { text: values.text };
    if (kind === 'note') {
      const { subjective, objective, assessment, plan } = values;
      return { sections: { subjective, objective, assessment, plan } };
    }
    const lines = values.lines.split('\n').map((one) => one.trim());
    return {
      orders: lines.filter(Boolean).map(
        // An order that was there keeps its code and its kind.
        (line) => orders?.find((one) => one.text === line) ?? { kind: 'lab', text: line },
      ),
    };
  };
  const save = useMutation({
    mutationFn: (values: typeof form.values) => {
      const body: TemplateRequest = {
        kind,
        name: values.name.trim(),
        ...(kind === 'phrase' && { abbr: values.abbr }),
        body: bodyOf(values),
        ...(template && { revision: template.revision }),
      };
      return template
        ? api.put<Template>(`/api/templates/${template.id}`, body)
        : api.post<Template>('/api/templates', body);
    },
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: templatesQuery.queryKey });
      onDone();
    },
  });
  return (
    <form noValidate onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack gap="md">
        <TextInput
          label={t('name')}
          maxLength={100}
          data-testid="template-name"
          {...form.getInputProps('name')}
        />
        {kind === 'phrase' && (
          <>
            <TextInput
              label={t('abbr')}
              description={t('abbrHelp', { abbr: form.values.abbr || 'abc' })}
              maxLength={20}
              data-testid="template-abbr"
              {...form.getInputProps('abbr')}
            />
            <Textarea
              label={t('text')}
              autosize
              minRows={3}
              maxLength={5_000}
              data-testid="template-text"
              {...form.getInputProps('text')}
            />
          </>
        )}
        {kind === 'note' &&
          parts.map((part) => (
            <Textarea
              key={part}
              label={note(`note.${part}`)}
              autosize
              minRows={2}
              maxLength={5_000}
              {...form.getInputProps(part)}
            />
          ))}
        {kind === 'orders' && (
          <Textarea
            label={t('orders')}
            description={t('ordersHelp')}
            autosize
            minRows={4}
            {...form.getInputProps('lines')}
          />
        )}
        {kind !== 'orders' && (
          <Text size="sm" c="dimmed">
            {t('fields')}{' '}
            {chartFields.map((one) => (
              <Code key={one} mr={6}>
                {`{{${one}}}`}
              </Code>
            ))}
            <br />
            {t('jump')}
          </Text>
        )}
        {save.error && <Trouble error={save.error} kept />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onDone}>
            {t('back')}
          </Button>
          <Button type="submit" loading={save.isPending} data-testid="template-save">
            {t('save')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

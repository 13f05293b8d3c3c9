/** What to share, until when, how often it opens, and for whom. */
import {
  Button,
  Checkbox,
  Group,
  NumberInput,
  Radio,
  Select,
  Stack,
  TextInput,
} from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NewLink, SharedKind } from '@afar/sharing/contract';
import { Trouble } from '../../../kit/trouble.tsx';
import { sharedKinds, useLinks } from './queries.ts';

/** Hours: a day, three, a week, a month. */
const spans = [24, 72, 168, 720] as const;

export function LinkForm({
  patient,
  onMade,
}: {
  patient: string;
  onMade: (made: NewLink) => void;
}) {
  const { t } = useTranslation('links');
  const { make } = useLinks(patient);
  const [whole, setWhole] = useState(false);
  const [kinds, setKinds] = useState<SharedKind[]>(['allergies', 'medications', 'problems']);
  const [hours, setHours] = useState<string>('72');
  const [openings, setOpenings] = useState<number>(5);
  const [note, setNote] = useState('');
  const nothing = !whole && kinds.length === 0;
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (nothing) return;
        make.mutate(
          {
            kinds: whole ? ['record'] : kinds,
            hours: Number(hours),
            openings,
            ...(note.trim() && { note: note.trim() }),
          },
          { onSuccess: onMade },
        );
      }}
    >
      <Stack gap="lg">
        <Radio.Group
          label={t('form.what')}
          value={whole ? 'record' : 'some'}
          onChange={(value) => setWhole(value === 'record')}
        >
          <Stack gap="xs" mt="xs">
            <Radio value="some" label={t('form.some')} />
            <Radio value="record" label={t('form.whole')} description={t('form.wholeHint')} />
          </Stack>
        </Radio.Group>
        {!whole && (
          <Checkbox.Group
            label={t('form.kinds')}
            value={kinds}
            onChange={(value) => setKinds(value as SharedKind[])}
            error={nothing && t('form.nothing')}
          >
            <Stack gap="xs" mt="xs">
              {sharedKinds.map((kind) => (
                <Checkbox key={kind} value={kind} label={t(`kind.${kind}`)} />
              ))}
            </Stack>
          </Checkbox.Group>
        )}
        <Group grow align="flex-start">
          <Select
            label={t('form.hours')}
            data={spans.map((span) => ({ value: String(span), label: t(`span.${span}`) }))}
            value={hours}
            allowDeselect={false}
            onChange={(value) => setHours(value ?? '72')}
          />
          <NumberInput
            label={t('form.openings')}
            min={1}
            max={100}
            allowDecimal={false}
            value={openings}
            onChange={(value) => setOpenings(Number(value) || 1)}
          />
        </Group>
        <TextInput
          label={t('form.note')}
          description={t('form.noteHint')}
          maxLength={100}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        {make.error && <Trouble error={make.error} kept />}
        <Button type="submit" size="md" loading={make.isPending} data-testid="make-link">
          {t('form.make')}
        </Button>
      </Stack>
    </form>
  );
}

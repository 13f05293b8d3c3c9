/** Calling a visit off: why, in a class and in words; what the policy makes of it; one or the rest of a series. */
import { Button, Group, NativeSelect, Radio, Stack, Switch, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CalendarEntry, CancelClass } from '@afar/visits/contract';
import { Trouble } from '../kit/trouble.tsx';
import { useAppointment } from './queries.ts';

/** Whoever it came from, first the usual [FHIR R4 valueset-appointment-cancellation-reason]. */
export const staffClasses: readonly CancelClass[] = [
  'prov',
  'prov-pers',
  'prov-edu',
  'prov-hosp',
  'pat',
  'pat-fb',
  'pat-lt',
  'pat-mv',
  'pat-ucp',
  'oth-room',
  'oth-int',
  'oth-weath',
  'oth-err',
  'other',
];

interface Props {
  entry: CalendarEntry & { id: string };
  onDone: () => void;
  onBack: () => void;
}

export function CancelForm({ entry, onDone, onBack }: Props) {
  const { t } = useTranslation('calendar');
  const { cancel } = useAppointment(entry.id);
  const [why, setWhy] = useState<CancelClass>('prov');
  const [words, setWords] = useState('');
  const [waive, setWaive] = useState(false);
  const [scope, setScope] = useState<'this' | 'following'>('this');
  const byPatient = why.startsWith('pat');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        cancel.mutate(
          {
            class: why,
            ...(words.trim() && { reason: words.trim() }),
            ...(byPatient && waive && { waive }),
            ...(entry.series && { scope }),
          },
          { onSuccess: onDone },
        );
      }}
    >
      <Stack gap="md">
        <NativeSelect
          label={t('cancel.why')}
          value={why}
          onChange={(event) => setWhy(event.currentTarget.value as CancelClass)}
          data={staffClasses.map((value) => ({ value, label: t(`class.${value}`) }))}
          data-testid="cancel-class"
        />
        <Textarea
          label={t('cancel.words')}
          description={t('cancel.wordsHint')}
          maxLength={500}
          autosize
          minRows={2}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        {byPatient && (
          <Switch
            label={t('cancel.waive')}
            description={t('cancel.waiveHint')}
            checked={waive}
            onChange={(event) => setWaive(event.currentTarget.checked)}
          />
        )}
        {entry.series && (
          <Radio.Group
            label={t('scope.label')}
            value={scope}
            onChange={(value) => setScope(value as typeof scope)}
          >
            <Stack gap="xs" mt="xs">
              <Radio value="this" label={t('scope.this')} />
              <Radio value="following" label={t('scope.following')} />
            </Stack>
          </Radio.Group>
        )}
        {cancel.error && <Trouble error={cancel.error} kept />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onBack}>
            {t('cancel.keep')}
          </Button>
          <Button type="submit" color="red" loading={cancel.isPending} data-testid="cancel-visit">
            {t('cancel.yes')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

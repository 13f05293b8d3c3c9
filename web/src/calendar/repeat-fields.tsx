/** How often a visit comes again: how, and how many times. */
import { Group, NativeSelect, NumberInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Repeat } from '@afar/visits/contract';

const ways: readonly Repeat['every'][] = ['week', 'two-weeks', 'monthly', 'monthly-weekday'];

interface Props {
  /** Undefined: once. */
  repeat: Repeat | undefined;
  onChange: (repeat: Repeat | undefined) => void;
}

export function RepeatFields({ repeat, onChange }: Props) {
  const { t } = useTranslation('calendar');
  return (
    <Group grow align="flex-start">
      <NativeSelect
        label={t('repeat.label')}
        value={repeat?.every ?? ''}
        data={[
          { value: '', label: t('repeat.once') },
          ...ways.map((value) => ({ value, label: t(`repeat.${value}`) })),
        ]}
        onChange={(event) => {
          const every = ways.find((one) => one === event.currentTarget.value);
          onChange(every && { every, times: repeat?.times ?? 4 });
        }}
        data-testid="repeat"
      />
      {repeat && (
        <NumberInput
          label={t('repeat.times')}
          min={2}
          max={52}
          clampBehavior="strict"
          allowDecimal={false}
          value={repeat.times}
          onChange={(value) => onChange({ ...repeat, times: Number(value) || 2 })}
        />
      )}
    </Group>
  );
}

/** Days that differ from the week: other hours on one of them, and spans of days that are closed. */
import { ActionIcon, Button, NativeSelect, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ScheduleException, ScheduleRule } from '@afar/visits/contract';
import { addDays } from '../../kit/time.ts';
import { ClockSpans } from './clock-spans.tsx';
import classes from './hours.module.css';

interface ExceptionsProps {
  exceptions: readonly ScheduleException[];
  onChange: (exceptions: ScheduleException[]) => void;
  /** `YYYY-MM-DD`. */
  today: string;
  faultAt: (index: number) => boolean;
}

export function Exceptions({ exceptions, onChange, today, faultAt }: ExceptionsProps) {
  const { t } = useTranslation('hours');
  const set = (index: number, change: Partial<ScheduleException>): void =>
    onChange(exceptions.map((one, at) => (at === index ? { ...one, ...change } : one)));
  return (
    <div className={classes.special}>
      {exceptions.map((one, index) => (
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className={classes.specialDay} role="group" aria-label={one.date}>
          <TextInput
            type="date"
            label={t('exceptionDay')}
            value={one.date}
            min={today}
            error={faultAt(index) && t('faults.date')}
            onChange={(event) => set(index, { date: event.currentTarget.value })}
          />
          <NativeSelect
            label={t('exceptionHow')}
            value={one.adds ? 'adds' : 'replaces'}
            data={(['replaces', 'adds'] as const).map((value) => ({
              value,
              label: t(`exception.${value}`),
            }))}
            onChange={(event) => set(index, { adds: event.currentTarget.value === 'adds' })}
          />
          <ClockSpans of={one.date} spans={one.hours} onChange={(hours) => set(index, { hours })} />
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t('removeDay', { day: one.date })}
            onClick={() => onChange(exceptions.filter((_, at) => at !== index))}
          >
            <IconX size={18} aria-hidden="true" />
          </ActionIcon>
        </div>
      ))}
      <Button
        variant="light"
        leftSection={<IconPlus size={18} aria-hidden="true" />}
        onClick={() =>
          onChange([
            ...exceptions,
            { date: addDays(exceptions.at(-1)?.date || today, 1), hours: [] },
          ])
        }
      >
        {t('addException')}
      </Button>
    </div>
  );
}

export type Closure = ScheduleRule['closures'][number];

interface ClosuresProps {
  closures: readonly Closure[];
  onChange: (closures: Closure[]) => void;
  today: string;
  faultAt: (index: number) => boolean;
}

/** `to` is the last closed day. */
export function Closures({ closures, onChange, today, faultAt }: ClosuresProps) {
  const { t } = useTranslation('hours');
  const set = (index: number, change: Partial<Closure>): void =>
    onChange(closures.map((one, at) => (at === index ? { ...one, ...change } : one)));
  return (
    <div className={classes.special}>
      {closures.map((one, index) => (
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className={classes.specialDay} role="group" aria-label={one.from}>
          <TextInput
            type="date"
            label={t('closedFrom')}
            value={one.from}
            error={faultAt(index) && t('faults.order')}
            onChange={(event) => {
              const from = event.currentTarget.value;
              set(index, { from, ...(one.to < from && { to: from }) });
            }}
          />
          <TextInput
            type="date"
            label={t('closedTo')}
            value={one.to}
            min={one.from}
            onChange={(event) => set(index, { to: event.currentTarget.value })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t('removeDay', { day: one.from })}
            onClick={() => onChange(closures.filter((_, at) => at !== index))}
          >
            <IconX size={18} aria-hidden="true" />
          </ActionIcon>
        </div>
      ))}
      <Button
        variant="light"
        leftSection={<IconPlus size={18} aria-hidden="true" />}
        onClick={() => {
          const from = addDays(today, 1);
          onChange([...closures, { from, to: from }]);
        }}
      >
        {t('addClosure')}
      </Button>
    </div>
  );
}

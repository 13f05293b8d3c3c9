/** Hours of a day as one writes them: from, to, and a word where they run past midnight. */
import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './hours.module.css';

/** Wall-clock `HH:MM`; an end at or before the start is on the next day. */
export interface ClockSpan {
  start: string;
  end: string;
}

/** Midnight as an end is `24:00` in a rule and 00:00 on a clock: both run to the end of the day. */
const onClock = (time: string): string => (time === '24:00' ? '00:00' : time);

/** Past midnight by more than midnight itself. */
const isOvernight = ({ start, end }: ClockSpan): boolean =>
  onClock(end) !== '00:00' && onClock(end) <= start;

interface Props {
  /** Whose hours, for whoever hears and does not see. */
  of: string;
  spans: readonly ClockSpan[];
  onChange: (spans: ClockSpan[]) => void;
  /** Fault of a span, by its index. */
  faultOf?: (index: number) => boolean;
}

export function ClockSpans({ of, spans, onChange, faultOf }: Props) {
  const { t } = useTranslation('hours');
  const set = (index: number, change: Partial<ClockSpan>): void =>
    onChange(spans.map((one, at) => (at === index ? { ...one, ...change } : one)));
  const add = (): void => {
    // After the last one, as most days go on after a break.
    const last = spans.at(-1);
    const hour = last && !isOvernight(last) ? Math.min(22, Number(last.end.slice(0, 2)) + 1) : 9;
    const clock = (one: number): string => `${String(one).padStart(2, '0')}:00`;
    onChange([...spans, { start: clock(hour), end: clock(last ? Math.min(23, hour + 3) : 17) }]);
  };
  return (
    <div className={classes.spans}>
      {spans.length === 0 && <span className={classes.closed}>{t('closed')}</span>}
      {spans.map((span, index) => (
        // Spans have no name of their own; their place in the day is what they are.
        // oxlint-disable-next-line react/no-array-index-key
        <div key={index} className={classes.span}>
          <TextInput
            type="time"
            aria-label={t('from', { of, index: index + 1 })}
            value={onClock(span.start)}
            error={faultOf?.(index)}
            onChange={(event) => set(index, { start: event.currentTarget.value })}
          />
          <span aria-hidden="true">–</span>
          <TextInput
            type="time"
            aria-label={t('to', { of, index: index + 1 })}
            value={onClock(span.end)}
            error={faultOf?.(index)}
            onChange={(event) => set(index, { end: event.currentTarget.value })}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={t('removeSpan', { of, index: index + 1 })}
            onClick={() => onChange(spans.filter((_, at) => at !== index))}
          >
            <IconX size={18} aria-hidden="true" />
          </ActionIcon>
          {isOvernight(span) && <span className={classes.overnight}>{t('nextDay')}</span>}
        </div>
      ))}
      <Button
        variant="subtle"
        size="compact-md"
        leftSection={<IconPlus size={16} aria-hidden="true" />}
        aria-label={t('addSpanTo', { of })}
        onClick={add}
      >
        {t('addSpan')}
      </Button>
    </div>
  );
}

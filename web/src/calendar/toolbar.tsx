/** What part of time is shown and how: today, on, back, a day chosen; day, week, or side by side; whose. */
import {
  ActionIcon,
  Button,
  MultiSelect,
  SegmentedControl,
  Select,
  TextInput,
} from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { CalendarActor } from '@afar/visits/contract';
import { useReader } from '../shell/session.ts';
import classes from './calendar.module.css';
import { turned, type View, views } from './shown.ts';

interface Props {
  view: View;
  date: string;
  days: readonly string[];
  today: string;
  everybody: readonly CalendarActor[];
  /** Day and week: whose. */
  who: string;
  /** Side by side: who; empty is everybody. */
  among: string[];
  onView: (view: View) => void;
  onDate: (date: string) => void;
  onWho: (who: string) => void;
  onAmong: (who: string[]) => void;
}

/** "23 – 29 November 2026", or one day. */
export function useRangeTitle(): (days: readonly string[]) => string {
  const { locale } = useReader();
  const format = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
  const single = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeZone: 'UTC' });
  const noon = (day: string): Date => new Date(`${day}T12:00:00Z`);
  return (days) =>
    days.length === 1
      ? single.format(noon(days[0]!))
      : format.formatRange(noon(days[0]!), noon(days.at(-1)!));
}

export function Toolbar(props: Props) {
  const { view, date, days, today, everybody, who, among } = props;
  const { t } = useTranslation('calendar');
  const title = useRangeTitle();
  const grouped = (['clinician', 'room', 'interpreter'] as const)
    .map((kind) => ({
      group: t(`kinds.${kind}`),
      items: everybody
        .filter((one) => one.kind === kind)
        .map((one) => ({ value: one.id, label: one.name })),
    }))
    .filter((one) => one.items.length > 0);
  return (
    <div className={classes.toolbar}>
      <div className={classes.turn}>
        <Button variant="default" onClick={() => props.onDate(today)}>
          {t('today')}
        </Button>
        <ActionIcon
          variant="subtle"
          size="xl"
          aria-label={t(view === 'week' ? 'weekBack' : 'dayBefore')}
          onClick={() => props.onDate(turned(view, date, -1))}
        >
          <IconChevronLeft className={classes.flip} aria-hidden="true" />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          size="xl"
          aria-label={t(view === 'week' ? 'weekForth' : 'dayAfter')}
          onClick={() => props.onDate(turned(view, date, 1))}
        >
          <IconChevronRight className={classes.flip} aria-hidden="true" />
        </ActionIcon>
        <h2 className={classes.range} aria-live="polite" data-testid="range">
          {title(days)}
        </h2>
      </div>
      <div className={classes.choose}>
        <TextInput
          type="date"
          aria-label={t('goTo')}
          value={date}
          onChange={(event) => event.currentTarget.value && props.onDate(event.currentTarget.value)}
        />
        {everybody.length > 1 &&
          (view === 'resource' ? (
            <MultiSelect
              aria-label={t('whose')}
              placeholder={among.length === 0 ? t('everybody') : ''}
              className={classes.whose}
              data={grouped}
              value={among}
              onChange={props.onAmong}
              clearable
            />
          ) : (
            <Select
              aria-label={t('whose')}
              className={classes.whose}
              data={grouped}
              value={who}
              allowDeselect={false}
              onChange={(next) => next && props.onWho(next)}
              data-testid="whose"
            />
          ))}
        <SegmentedControl
          aria-label={t('views.label')}
          value={view}
          onChange={(next) => props.onView(next as View)}
          data={views.map((value) => ({ value, label: t(`views.${value}`) }))}
        />
      </div>
    </div>
  );
}

/** Seven days side by side, each with how much is free. Arrow keys move between them. */
import { ActionIcon, Skeleton } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { type KeyboardEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { FreeSlot } from '@afar/visits/contract';
import { datePart, longDay, startOfDay } from '../kit/time.ts';
import { useReader } from '../shell/session.ts';
import classes from './book.module.css';

interface Props {
  week: string[];
  days: ReadonlyMap<string, FreeSlot[]>;
  pending: boolean;
  chosen: string;
  onChoose: (day: string) => void;
  onEarlier?: () => void;
  onLater: () => void;
}

export function DayStrip({ week, days, pending, chosen, onChoose, onEarlier, onLater }: Props) {
  const { t } = useTranslation('patient');
  const { zone, locale } = useReader();
  const list = useRef<HTMLDivElement>(null);

  const onKey = (event: KeyboardEvent): void => {
    const forward = document.documentElement.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
    const step = ['ArrowLeft', 'ArrowRight'].includes(event.key)
      ? event.key === forward
        ? 1
        : -1
      : 0;
    const next = week[week.indexOf(chosen) + step];
    if (!step || !next) return;
    event.preventDefault();
    onChoose(next);
    list.current?.querySelector<HTMLElement>(`[data-day="${next}"]`)?.focus();
  };

  return (
    <div className={classes.strip}>
      <ActionIcon
        variant="subtle"
        size="xl"
        aria-label={t('book.earlier')}
        disabled={!onEarlier}
        onClick={onEarlier}
      >
        <IconChevronLeft className={classes.flip} aria-hidden="true" />
      </ActionIcon>
      <div
        ref={list}
        className={classes.days}
        role="radiogroup"
        aria-label={t('book.week')}
        onKeyDown={onKey}
      >
        {week.map((day) => {
          const noon = startOfDay(day, zone) + 12 * 3_600_000;
          const count = days.get(day)?.length ?? 0;
          return (
            <button
              key={day}
              type="button"
              role="radio"
              data-day={day}
              aria-checked={day === chosen}
              tabIndex={day === chosen ? 0 : -1}
              className={classes.day}
              data-free={count > 0 || undefined}
              aria-label={t('book.day', { day: longDay(noon, zone, locale), count })}
              onClick={() => onChoose(day)}
            >
              <span className={classes.weekday}>{datePart(noon, zone, locale, 'weekday')}</span>
              <span className={classes.number}>{datePart(noon, zone, locale, 'day')}</span>
              {pending ? (
                <Skeleton h={12} w={32} />
              ) : (
                <span className={classes.count}>
                  {count > 0 ? t('book.free', { count }) : t('book.noneFree')}
                </span>
              )}
            </button>
          );
        })}
      </div>
      <ActionIcon variant="subtle" size="xl" aria-label={t('book.later')} onClick={onLater}>
        <IconChevronRight className={classes.flip} aria-hidden="true" />
      </ActionIcon>
    </div>
  );
}

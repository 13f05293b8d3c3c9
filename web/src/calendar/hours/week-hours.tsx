/** The hours of a week, day by day, and one day's hours given to others. */
import { Menu, ActionIcon } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { WeeklyHours } from '@afar/visits/contract';
import { useReader } from '../../shell/session.ts';
import { ClockSpans } from './clock-spans.tsx';
import classes from './hours.module.css';

export const weekdays = [1, 2, 3, 4, 5, 6, 7] as const;
type Day = (typeof weekdays)[number];

/** "Monday" for 1 .. "Sunday" for 7; 5 January 2026 was a Monday. */
export const weekdayName = (day: Day, locale: string): string =>
  new Intl.DateTimeFormat(locale, { weekday: 'long', timeZone: 'UTC' }).format(
    Date.UTC(2026, 0, 4 + day, 12),
  );

interface Props {
  hours: readonly WeeklyHours[];
  onChange: (hours: WeeklyHours[]) => void;
  /** Whether the server found fault with the hours at this index of the rule. */
  faultAt: (index: number) => boolean;
}

export function WeekHours({ hours, onChange, faultAt }: Props) {
  const { t } = useTranslation('hours');
  const { locale } = useReader();
  const of = (day: Day): WeeklyHours[] => hours.filter((one) => one.day === day);
  const give = (day: Day, spans: readonly { start: string; end: string }[]): WeeklyHours[] =>
    spans.map(({ start, end }) => ({ day, start, end }));
  const copy = (from: Day, to: readonly Day[]): void =>
    onChange([
      ...hours.filter((one) => !to.includes(one.day)),
      ...to.flatMap((day) => give(day, of(from))),
    ]);
  return (
    <div className={classes.week}>
      {weekdays.map((day) => {
        const name = weekdayName(day, locale);
        const mine = of(day);
        return (
          <div key={day} className={classes.weekday} role="group" aria-label={name}>
            <span className={classes.weekdayName}>{name}</span>
            <ClockSpans
              of={name}
              spans={mine}
              faultOf={(index) => faultAt(hours.indexOf(mine[index]!))}
              onChange={(spans) =>
                onChange([...hours.filter((one) => one.day !== day), ...give(day, spans)])
              }
            />
            <Menu position="bottom-end" withinPortal={false}>
              <Menu.Target>
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  size="lg"
                  aria-label={t('copy', { of: name })}
                >
                  <IconCopy size={18} aria-hidden="true" />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item
                  onClick={() =>
                    copy(
                      day,
                      weekdays.filter((one) => one !== day && one < 6),
                    )
                  }
                >
                  {t('copyWorkdays')}
                </Menu.Item>
                <Menu.Item
                  onClick={() =>
                    copy(
                      day,
                      weekdays.filter((one) => one !== day),
                    )
                  }
                >
                  {t('copyAll')}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </div>
        );
      })}
    </div>
  );
}

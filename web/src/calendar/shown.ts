/** Which part of time a calendar shows, and whose. Pure. */
import { addDays, dayKey, startOfDay } from '../kit/time.ts';
import type { Columns } from './places.ts';
import { weekOf } from './layout.ts';

export const views = ['day', 'week', 'resource'] as const;
export type View = (typeof views)[number];

/** What the address of the page keeps: ids and days. */
export interface CalendarSearch {
  view?: View;
  /** `YYYY-MM-DD` */
  date?: string;
  /** A clinician, room or interpreter. */
  who?: string;
}

export function readSearch(search: Record<string, unknown>): CalendarSearch {
  const view = views.find((one) => one === search['view']);
  const { date, who } = search;
  return {
    ...(view && { view }),
    ...(typeof date === 'string' && /^\d{4}-\d\d-\d\d$/.test(date) && { date }),
    ...(typeof who === 'string' && /^[0-9a-f-]{36}$/.test(who) && { who }),
  };
}

export interface Shown {
  days: string[];
  /** Ms since epoch, end exclusive. */
  from: number;
  to: number;
  columns: Columns;
}

/** @param firstDay 1 (Monday) to 7 (Sunday): with what the reader's week begins */
export function shownOf(view: View, date: string, zone: string, firstDay: number): Shown {
  const days = view === 'week' ? weekOf(date, firstDay) : [date];
  return {
    days,
    from: startOfDay(days[0]!, zone),
    to: startOfDay(addDays(days.at(-1)!, 1), zone),
    columns: { by: view === 'resource' ? 'clinician' : 'day', zone },
  };
}

/** One screen on or back. */
export const turned = (view: View, date: string, by: 1 | -1): string =>
  addDays(date, by * (view === 'week' ? 7 : 1));

/** With what day a reader's week begins; Monday where the browser does not say. */
export function firstDayOf(locale: string): number {
  const it = new Intl.Locale(locale) as Intl.Locale & {
    getWeekInfo?: () => { firstDay: number };
    weekInfo?: { firstDay: number };
  };
  return (it.getWeekInfo?.() ?? it.weekInfo)?.firstDay ?? 1;
}

export const todayIn = (now: number, zone: string): string => dayKey(now, zone);

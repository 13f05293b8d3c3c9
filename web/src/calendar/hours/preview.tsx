/** The next two weeks as the rule would offer them, while it is being written. */
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { ClinicClosure, ScheduleRule } from '@afar/visits/contract';
import { api } from '../../kit/api.ts';
import { addDays, clockTime, startOfDay, weekDate, zoneName } from '../../kit/time.ts';
import { useReader } from '../../shell/session.ts';
import classes from './hours.module.css';
import { timesOn } from './times-of.ts';

export const closuresQuery = {
  queryKey: ['closures'],
  queryFn: ({ signal }: { signal: AbortSignal }) =>
    api.get<ClinicClosure[]>('/api/closures', { signal }),
};

/** @param today `YYYY-MM-DD` in the rule's own zone */
export function Preview({ rule, today }: { rule: ScheduleRule; today: string }) {
  const { t } = useTranslation('hours');
  const { locale } = useReader();
  const closures = useQuery(closuresQuery).data ?? [];
  const whole = {
    ...rule,
    closures: [...rule.closures, ...closures.map(({ from, to }) => ({ from, to }))],
  };
  const days = Array.from({ length: 14 }, (_, index) => addDays(today, index)).map((day) => ({
    day,
    times: timesOn(whole, day),
    closed: closures.find((one) => one.from <= day && day <= one.to),
  }));
  const total = days.reduce((sum, { times }) => sum + times.length, 0) * (rule.capacity || 1);
  return (
    <section className={classes.preview} aria-labelledby="preview-title" data-testid="preview">
      <h2 id="preview-title" className={classes.cardTitle}>
        {t('preview.title')}
      </h2>
      <p className={classes.soft} role="status">
        {t('preview.total', { count: total })}{' '}
        {t('preview.zone', { zone: zoneName(startOfDay(today, rule.zone), rule.zone, locale) })}
      </p>
      <ol className={classes.previewDays}>
        {days.map(({ day, times, closed }) => (
          <li key={day} data-none={times.length === 0 || undefined}>
            <span className={classes.previewDay}>
              {weekDate(startOfDay(day, rule.zone), rule.zone, locale)}
            </span>
            <span>
              {times.length === 0
                ? (closed?.label ?? t('closed'))
                : t('preview.times', {
                    count: times.length,
                    list: short(times.map((at) => clockTime(at, rule.zone, locale))),
                  })}
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The first three and the last: a day of thirty times is not read time by time. */
const short = (words: string[]): string =>
  words.length <= 5 ? words.join(', ') : `${words.slice(0, 3).join(', ')} … ${words.at(-1)!}`;

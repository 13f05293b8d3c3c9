/** The days of the calendar as lists: for small screens, and for whoever likes lists. */
import { Badge } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { CalendarEntry } from '@afar/visits/contract';
import { dayKey, longDay, startOfDay } from '../kit/time.ts';
import { useReader } from '../shell/session.ts';
import classes from './agenda.module.css';
import { useClock } from './entry.tsx';
import { modeIcons, stateIcons } from './marks.tsx';

interface Props {
  days: readonly string[];
  entries: readonly CalendarEntry[];
  zone: string;
  /** Names of actors, where more than one is shown. */
  nameOf: ((id: string) => string) | undefined;
  onOpen: (entry: CalendarEntry) => void;
}

export function Agenda({ days, entries, zone, nameOf, onOpen }: Props) {
  const { t } = useTranslation('calendar');
  const { locale } = useReader();
  return (
    <div className={classes.agenda}>
      {days.map((day) => {
        const mine = entries.filter((one) => dayKey(one.start, zone) === day);
        return (
          <section key={day} aria-labelledby={`day-${day}`}>
            <h2 id={`day-${day}`} className={classes.day}>
              {longDay(startOfDay(day, zone), zone, locale)}
            </h2>
            {mine.length === 0 ? (
              <p className={classes.none}>{t('nothing')}</p>
            ) : (
              <ul className={classes.list}>
                {mine.map((entry) => (
                  <li key={entry.id ?? `${entry.start}${entry.actors.join()}`}>
                    <Line entry={entry} zone={zone} nameOf={nameOf} onOpen={onOpen} day={day} />
                  </li>
                ))}
              </ul>
            )}
          </section>
        );
      })}
    </div>
  );
}

interface LineProps extends Pick<Props, 'zone' | 'nameOf' | 'onOpen'> {
  entry: CalendarEntry;
  day: string;
}

function Line({ entry, zone, nameOf, onOpen, day }: LineProps) {
  const { t } = useTranslation('calendar');
  const { t: common } = useTranslation();
  const clock = useClock(zone);
  const Mode = entry.mode && modeIcons[entry.mode];
  const State = stateIcons[entry.state];
  const whose = nameOf && entry.actors.map(nameOf).filter(Boolean).join(', ');
  const time = (
    <time className={classes.time}>
      {clock(Date.parse(entry.start))}
      <span className="afar-hidden"> – </span>
      <span>{clock(Date.parse(entry.end))}</span>
    </time>
  );
  if (!entry.id)
    return (
      <div className={classes.line} data-busy="true">
        {time}
        <span className={classes.words}>
          <span className={classes.who}>{t('busy')}</span>
          {whose && <span className={classes.soft}>{whose}</span>}
        </span>
      </div>
    );
  return (
    <button
      type="button"
      className={classes.line}
      data-entry={entry.id}
      data-column={day}
      data-urgent={entry.urgent || entry.redFlag || undefined}
      aria-describedby="calendar-keys"
      onClick={() => onOpen(entry)}
    >
      {time}
      <span className={classes.words}>
        <span className={classes.who}>{entry.patient?.name ?? t('unnamed')}</span>
        {(entry.reason ?? whose) && (
          <span className={classes.soft}>{[entry.reason, whose].filter(Boolean).join(' · ')}</span>
        )}
        <span className={classes.facts}>
          {Mode && <Mode size={18} stroke={1.8} aria-hidden="true" />}
          {entry.mode && <span className="afar-hidden">{common(`visitType.${entry.mode}`)}</span>}
          {State && (
            <Badge color="gray" leftSection={<State size={14} aria-hidden="true" />}>
              {t(`state.${entry.state}`)}
            </Badge>
          )}
          {entry.urgent && <Badge color="brick">{t('urgent')}</Badge>}
          {entry.redFlag && <Badge color="brick">{t('redFlag')}</Badge>}
        </span>
      </span>
    </button>
  );
}

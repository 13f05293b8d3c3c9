/** One visit in a calendar: when, who, how; its state drawn and said, never by colour alone. */
import { IconAlertTriangle, IconRepeat } from '@tabler/icons-react';
import type { PointerEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { CalendarEntry } from '@afar/visits/contract';
import { clockTime } from '../kit/time.ts';
import { useReader } from '../shell/session.ts';
import classes from './grid.module.css';
import { modeIcons, stateIcons } from './marks.tsx';
import { isShownTwice } from './wall.ts';

/** "1:30 AM", and where the clock shows it twice, "1:30 AM EDT". */
export function useClock(zone: string): (at: number) => string {
  const { locale } = useReader();
  return (at) => {
    if (!isShownTwice(at, zone)) return clockTime(at, zone, locale);
    return new Intl.DateTimeFormat(locale, {
      hour: 'numeric',
      minute: '2-digit',
      timeZone: zone,
      timeZoneName: 'short',
    }).format(at);
  };
}

/** All that a calendar tells of a visit, in one breath. */
export function useEntryWords(zone: string): (entry: CalendarEntry) => string {
  const { t } = useTranslation('calendar');
  const { t: common } = useTranslation();
  const clock = useClock(zone);
  return (entry) => {
    const span = t('span', {
      from: clock(Date.parse(entry.start)),
      to: clock(Date.parse(entry.end)),
    });
    return [
      // The name is seen first, and so it is said first.
      entry.id ? (entry.patient?.name ?? t('unnamed')) : t('busy'),
      span,
      entry.mode && common(`visitType.${entry.mode}`),
      entry.id && t(`state.${entry.state}`),
      entry.urgent && t('urgent'),
      entry.redFlag && t('redFlag'),
      entry.series && t('ofSeries', { index: entry.series.index + 1, of: entry.series.of }),
    ]
      .filter(Boolean)
      .join(', ');
  };
}

interface Props {
  entry: CalendarEntry;
  zone: string;
  column: string;
  /** Its place has been left for another, which is not decided yet. */
  leaving: boolean;
  onOpen: () => void;
  onGrab?: ((event: PointerEvent<HTMLElement>) => void) | undefined;
}

export function EntryButton({ entry, zone, column, leaving, onOpen, onGrab }: Props) {
  const { t } = useTranslation('calendar');
  const words = useEntryWords(zone);
  if (!entry.id)
    return (
      <div className={classes.busy} data-testid="busy" role="note" aria-label={words(entry)}>
        <span aria-hidden="true">{t('busy')}</span>
      </div>
    );
  return (
    <button
      type="button"
      className={classes.entry}
      data-entry={entry.id}
      data-column={column}
      data-state={entry.state}
      data-urgent={entry.urgent || entry.redFlag || undefined}
      data-leaving={leaving || undefined}
      data-movable={onGrab ? true : undefined}
      aria-label={words(entry)}
      aria-describedby="calendar-keys"
      onClick={onOpen}
      onPointerDown={onGrab}
    >
      <EntryFace entry={entry} zone={zone} />
    </button>
  );
}

/** What is seen of a visit. */
export function EntryFace({ entry, zone }: { entry: CalendarEntry; zone: string }) {
  const { t } = useTranslation('calendar');
  const clock = useClock(zone);
  const Mode = entry.mode && modeIcons[entry.mode];
  const State = stateIcons[entry.state];
  return (
    <span className={classes.face} aria-hidden="true">
      <span className={classes.marks}>
        {(entry.urgent || entry.redFlag) && <IconAlertTriangle size={14} stroke={2.2} />}
        {State && <State size={14} stroke={2.2} />}
        {Mode && <Mode size={14} stroke={2} />}
        {entry.series && <IconRepeat size={14} stroke={2} />}
      </span>
      <span className={classes.who}>{entry.patient?.name ?? t('unnamed')}</span>{' '}
      <time className={classes.clock}>{clock(Date.parse(entry.start))}</time>
    </span>
  );
}

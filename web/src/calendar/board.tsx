/** The shown part of the calendar, as a grid or as lists, with what is being moved on it. */
import { useQueries } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Calendar, CalendarEntry } from '@afar/visits/contract';
import { datePart, startOfDay, zoneName, zonesDiffer } from '../kit/time.ts';
import { useReader } from '../shell/session.ts';
import { Agenda } from './agenda.tsx';
import classes from './calendar.module.css';
import type { GridColumn } from './column.tsx';
import { Details } from './details.tsx';
import { Grid } from './grid.tsx';
import { MoveBar, useMoment } from './move-bar.tsx';
import type { Place, Step } from './places.ts';
import { placesQuery } from './queries.ts';
import { type Shown, turned, type View } from './shown.ts';
import { onCalendarKey } from './use-keys.ts';
import { useMove } from './use-move.ts';

interface Props {
  calendar: Calendar;
  shown: Shown;
  view: View;
  who: string;
  zone: string;
  now: number;
  today: string;
  date: string;
  list: boolean;
  /** Whether the reader books for patients. */
  books: boolean;
  onBook: (place: Place) => void;
  onTurn: (date: string) => void;
}

/** More columns than a screen has room for ask for no free times of their own: pressing "new" finds them. */
const mostAsked = 12;

export function Board(props: Props) {
  const { calendar, shown, view, zone, now, list, books, onBook } = props;
  const { t } = useTranslation('calendar');
  const { locale } = useReader();
  const moment = useMoment(zone);
  const frame = useRef<HTMLDivElement>(null);
  const [said, say] = useState('');
  const [open, setOpen] = useState<CalendarEntry & { id: string }>();
  const { actors, entries } = calendar;
  const clinicians = actors.filter((one) => one.kind === 'clinician').map((one) => one.id);
  const columns: GridColumn[] =
    view === 'resource'
      ? actors.map((actor) => ({
          key: actor.id,
          day: shown.days[0]!,
          actor,
          entries: entries.filter((one) => one.actors.includes(actor.id)),
        }))
      : shown.days.map((day) => ({ key: day, day, actor: actors[0]!, entries }));
  const order = columns.map((one) => one.key);
  const move = useMove({ shown, order, clinicians });
  const asks = books && !list && clinicians.length <= mostAsked ? clinicians : [];
  const free = useQueries({
    queries: asks.map((clinician) =>
      placesQuery({ clinician, from: Math.max(shown.from, floorHour(now)), to: shown.to }),
    ),
    combine: (all) => all.flatMap((one) => one.data ?? []),
  });
  const nameOf = (id: string): string => actors.find((one) => one.id === id)?.name ?? '';
  const clinicianOf = (entry: CalendarEntry): string | undefined =>
    entry.actors.find((one) => clinicians.includes(one));

  // Once at once, and once more when it has been drawn where it went.
  const focusEntry = (id: string): void => {
    for (const wait of [0, 300])
      setTimeout(() => {
        const here = document.activeElement;
        if (wait === 0 || !here || here === document.body || here.id === 'main')
          frame.current?.querySelector<HTMLElement>(`[data-entry="${id}"]`)?.focus();
      }, wait);
  };
  const begin = (entry: CalendarEntry): void => {
    const clinician = clinicianOf(entry);
    if (!entry.id || !entry.canReschedule || !clinician) return say(t('move.cannot'));
    move.begin({ ...entry, id: entry.id }, clinician);
    say(t('move.started', { who: entry.patient?.name ?? t('unnamed') }));
    focusEntry(entry.id);
  };
  const openEntry = (entry: CalendarEntry): void => {
    if (entry.id) setOpen({ ...entry, id: entry.id });
  };

  const step = (way: Step): void => {
    const next = move.step(way);
    if (!next) return say(t(move.ready ? 'move.nothingThere' : 'move.loading'));
    const whom = view === 'resource' ? `, ${nameOf(next.clinician)}` : '';
    say(`${moment(next.start)}${whom}`);
    requestAnimationFrame(() =>
      frame.current
        ?.querySelector('[data-testid="move-target"]')
        ?.scrollIntoView({ block: 'nearest', inline: 'nearest' }),
    );
  };
  const confirm = async (scope: 'this' | 'following'): Promise<void> => {
    const { entry, target } = move.moving ?? {};
    if (!entry || !target) return say(t('move.choose'));
    const done = await move.confirm(scope);
    say(done ? t('move.saidDone', { to: moment(target.start) }) : t('move.failed'));
    focusEntry(entry.id);
  };
  const cancel = (): void => {
    const id = move.moving?.entry.id;
    move.cancel();
    say(t('move.left'));
    if (id) focusEntry(id);
  };
  const undo = async (): Promise<void> => {
    const id = move.moved?.entry.id;
    const done = await move.undo();
    say(t(done ? 'move.undone' : 'move.failed'));
    if (id && done) focusEntry(id);
  };

  return (
    <div
      ref={frame}
      data-calendar=""
      className={classes.board}
      onKeyDown={(event) =>
        onCalendarKey(event, {
          move,
          entryOf: (id) => entries.find((one) => one.id === id),
          onMove: begin,
          onStep: step,
          onConfirm: () => void confirm('this'),
          onCancel: cancel,
          onTurn: (by) => props.onTurn(turned(view, props.date, by)),
        })
      }
    >
      <p className="afar-hidden" role="status" data-testid="calendar-voice">
        {said}
      </p>
      {list ? (
        <Agenda
          days={shown.days}
          entries={entries}
          zone={zone}
          nameOf={actors.length > 1 ? nameOf : undefined}
          onOpen={openEntry}
        />
      ) : (
        <Grid
          columns={columns}
          shown={shown}
          zone={zone}
          now={now}
          free={free}
          move={move}
          clinicianOf={clinicianOf}
          onOpen={openEntry}
          onBook={onBook}
          headOf={(column) =>
            view === 'resource' ? (
              <>
                <span className={classes.headName}>{column.actor.name}</span>
                <span className={classes.headSoft}>
                  {t(`kind.${column.actor.kind}`)}
                  {zonesDiffer(shown.from, zone, column.actor.zone) &&
                    ` · ${zoneName(shown.from, column.actor.zone, locale)}`}
                </span>
              </>
            ) : (
              <DayHead day={column.day} today={props.today} zone={zone} locale={locale} />
            )
          }
        />
      )}
      <MoveBar
        move={move}
        zone={zone}
        sideways={shown.columns.by}
        nameOf={nameOf}
        onStep={step}
        onConfirm={(scope) => void confirm(scope)}
        onCancel={cancel}
        onUndo={() => void undo()}
      />
      {open && (
        <Details
          entry={open}
          onMove={
            open.canReschedule && clinicianOf(open)
              ? () => {
                  setOpen(undefined);
                  begin(open);
                }
              : undefined
          }
          onClose={() => setOpen(undefined)}
        />
      )}
    </div>
  );
}

interface DayHeadProps {
  day: string;
  today: string;
  zone: string;
  locale: string;
}

function DayHead({ day, today, zone, locale }: DayHeadProps) {
  const at = startOfDay(day, zone) + 12 * 3_600_000;
  return (
    <span className={classes.dayHead} aria-current={day === today ? 'date' : undefined}>
      <span className={classes.headSoft}>{datePart(at, zone, locale, 'weekday')}</span>
      <span className={classes.headDay}>{datePart(at, zone, locale, 'day')}</span>
    </span>
  );
}

/** Asked anew each quarter of an hour, not each time the clock ticks. */
const floorHour = (at: number): number => Math.floor(at / 900_000) * 900_000;

/** The ruler of hours and the columns beside it; a visit is taken by the pointer here and let go elsewhere. */
import { type PointerEvent, type ReactNode, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { CalendarEntry } from '@afar/visits/contract';
import { addDays, startOfDay } from '../kit/time.ts';
import { useReader } from '../shell/session.ts';
import { Column, type GridColumn } from './column.tsx';
import classes from './grid.module.css';
import { columnOf, type Place } from './places.ts';
import type { Shown } from './shown.ts';
import type { Move } from './use-move.ts';
import { atWall, dayMinutes, wallMinutes } from './wall.ts';

interface Props {
  columns: readonly GridColumn[];
  shown: Shown;
  zone: string;
  now: number;
  headOf: (column: GridColumn) => ReactNode;
  /** Free times to be booked. */
  free: readonly Place[];
  move: Move;
  clinicianOf: (entry: CalendarEntry) => string | undefined;
  onOpen: (entry: CalendarEntry) => void;
  onBook: (place: Place) => void;
}

/** A hand that trembles is not one that drags: px before a press becomes a drag. */
const threshold = 6;
/** Near an edge of the scrolled part, in px, a drag goes on scrolling. */
const edge = 48;

export function Grid(props: Props) {
  const { columns, shown, zone, now, headOf, free, move, clinicianOf, onOpen, onBook } = props;
  const { t } = useTranslation('calendar');
  const { locale } = useReader();
  const scroller = useRef<HTMLDivElement>(null);
  const dragged = useRef(false);
  const { moving } = move;

  // The day opens where it begins for people, not at midnight.
  const first = firstMark(columns, zone, now);
  const opens = `${shown.from}|${columns.length > 0}`;
  useEffect(() => {
    const box = scroller.current;
    if (!box || box.dataset['opened'] === opens) return;
    box.dataset['opened'] = opens;
    box.scrollTop = (Math.max(0, first - 30) / dayMinutes) * box.scrollHeight;
  }, [opens, first]);

  const grab = (entry: CalendarEntry, press: PointerEvent<HTMLElement>): void => {
    const clinician = clinicianOf(entry);
    // A finger scrolls; it moves visits by the buttons of the move bar.
    if (press.button !== 0 || press.pointerType === 'touch' || !entry.id || !clinician) return;
    const id = entry.id;
    const held = press.clientY - press.currentTarget.getBoundingClientRect().top;
    const from = { x: press.clientX, y: press.clientY };
    dragged.current = false;
    const over = (event: globalThis.PointerEvent): void => {
      if (!dragged.current) {
        if (Math.hypot(event.clientX - from.x, event.clientY - from.y) < threshold) return;
        dragged.current = true;
        latest.current.begin({ ...entry, id }, clinician, true);
      }
      const box = scroller.current!;
      const { top, bottom } = box.getBoundingClientRect();
      if (event.clientY < top + edge) box.scrollTop -= 12;
      if (event.clientY > bottom - edge) box.scrollTop += 12;
      const found = [...box.querySelectorAll<HTMLElement>('[data-column-key]')].find((one) => {
        const rect = one.getBoundingClientRect();
        return event.clientX >= rect.left && event.clientX < rect.right;
      });
      if (!found) return;
      const rect = found.getBoundingClientRect();
      const mark = ((event.clientY - held - rect.top) / rect.height) * dayMinutes;
      latest.current.hover(found.dataset['columnKey']!, mark);
    };
    const done = (event: globalThis.PointerEvent | KeyboardEvent): void => {
      if (event instanceof KeyboardEvent && event.key !== 'Escape') return;
      removeEventListener('pointermove', over);
      removeEventListener('pointerup', done);
      removeEventListener('pointercancel', done);
      removeEventListener('keydown', done, true);
      if (!dragged.current) return;
      if (event.type === 'pointerup') latest.current.drop();
      else latest.current.cancel();
      // The click that follows a drag opens nothing.
      setTimeout(() => (dragged.current = false));
    };
    addEventListener('pointermove', over);
    addEventListener('pointerup', done);
    addEventListener('pointercancel', done);
    addEventListener('keydown', done, true);
  };
  // The listeners of a drag outlive renderings: they call what the last one gave.
  const latest = useRef(move);
  useEffect(() => {
    latest.current = move;
  });

  const hours = new Intl.DateTimeFormat(locale, { hour: 'numeric', timeZone: 'UTC' });
  const places = moving ? move.places : free;
  return (
    <div
      ref={scroller}
      className={classes.scroller}
      role="region"
      aria-label={t('title')}
      tabIndex={0}
      data-dragging={moving?.dragged || undefined}
    >
      <div
        className={classes.grid}
        style={{ '--columns': columns.length } as Record<string, number>}
      >
        <div className={classes.corner} />
        {columns.map((column) => (
          <div key={column.key} className={classes.head}>
            {headOf(column)}
          </div>
        ))}
        <div className={classes.ruler} aria-hidden="true">
          {Array.from({ length: 23 }, (_, index) => (
            <span key={index}>{hours.format((index + 1) * 3_600_000)}</span>
          ))}
        </div>
        {columns.map((column) => (
          <Column
            key={column.key}
            column={column}
            zone={zone}
            now={now}
            moving={moving !== undefined}
            leaving={moving?.target && moving.entry.id}
            places={places.filter((one) => columnOf(one, shown.columns) === column.key)}
            target={
              moving?.target && columnOf(moving.target, shown.columns) === column.key
                ? moving.target
                : undefined
            }
            onOpen={(entry) => {
              if (!dragged.current) onOpen(entry);
            }}
            onGrab={grab}
            onPlace={(place) => {
              if (moving) move.aim(place);
              else onBook(place);
            }}
          />
        ))}
      </div>
    </div>
  );
}

/** Nobody looks at a calendar for what is free at three in the morning: hours that are open all night count from seven. */
const dawn = 7 * 60;

/** The earliest mark that matters in what is shown: an open hour, a visit; or the present hour. */
function firstMark(columns: readonly GridColumn[], zone: string, now: number): number {
  const marks = columns.flatMap(({ actor, entries, day }) => {
    const from = startOfDay(day, zone);
    const to = startOfDay(addDays(day, 1), zone);
    const here = (one: { start: string; end: string }): boolean =>
      Date.parse(one.start) < to && Date.parse(one.end) > from;
    return [
      ...actor.open.filter(here).map((one) => {
        const mark = wallMinutes(Math.max(from, Date.parse(one.start)), zone);
        const goesOn = Date.parse(one.end) > atWall(day, dawn, zone);
        return mark < dawn && goesOn ? dawn : mark;
      }),
      ...entries
        .map((one) => Date.parse(one.start))
        .filter((at) => at >= from && at < to)
        .map((at) => wallMinutes(at, zone)),
    ];
  });
  return marks.length > 0 ? Math.min(...marks) : wallMinutes(now, zone);
}

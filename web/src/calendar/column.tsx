/** One column of the calendar: a day, or a clinician, room or interpreter on one day. */
import { type CSSProperties, type PointerEvent, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { CalendarActor, CalendarEntry } from '@afar/visits/contract';
import { EntryButton, useClock } from './entry.tsx';
import classes from './grid.module.css';
import { type Piece, piecesOf, sideBySide } from './layout.ts';
import type { Place } from './places.ts';
import { missingHour } from './wall.ts';

export interface GridColumn {
  key: string;
  /** `YYYY-MM-DD` */
  day: string;
  actor: CalendarActor;
  entries: readonly CalendarEntry[];
}

type Box = CSSProperties & Record<'--from' | '--to' | '--lane' | '--lanes', number>;

export const box = (
  piece: Pick<Piece, 'from' | 'to'>,
  { lane, lanes }: { lane: number; lanes: number } = { lane: 0, lanes: 1 },
): Box => ({ '--from': piece.from, '--to': piece.to, '--lane': lane, '--lanes': lanes });

interface Props {
  column: GridColumn;
  zone: string;
  now: number;
  /** Free times of this column: to be booked, or to be moved to. */
  places: readonly Place[];
  /** Where the visit on the move would go, when that is here. */
  target: Place | undefined;
  leaving: string | undefined;
  moving: boolean;
  onOpen: (entry: CalendarEntry) => void;
  onGrab: (entry: CalendarEntry, event: PointerEvent<HTMLElement>) => void;
  onPlace: (place: Place) => void;
}

const isHere = (day: string) => (piece: Piece) => piece.day === day;

export function Column(props: Props) {
  const { column, zone, places, target, leaving, moving, onOpen, onGrab, onPlace } = props;
  const { t } = useTranslation('calendar');
  const clock = useClock(zone);
  const { actor, day, key } = column;
  const entries = useMemo(() => {
    const pieces = column.entries.flatMap((item) =>
      piecesOf({ start: Date.parse(item.start), end: Date.parse(item.end) }, zone)
        .filter(isHere(column.day))
        .map((piece) => ({ item, piece })),
    );
    return sideBySide(pieces);
  }, [column.entries, column.day, zone]);
  const gone = missingHour(day, zone);
  return (
    <div className={classes.column} data-column-key={key} data-moving={moving || undefined}>
      <Ground actor={actor} day={day} zone={zone} />
      {gone && (
        <div className={classes.missing} style={box(gone)}>
          {t('noSuchHour')}
        </div>
      )}
      {places.map((place) => {
        const piece = piecesOf(place, zone).find(isHere(day));
        return (
          piece && (
            <button
              key={`${place.slotId}`}
              type="button"
              tabIndex={-1}
              className={classes.place}
              style={box(piece)}
              data-testid="place"
              data-slot={place.slotId}
              aria-label={t(moving ? 'moveHere' : 'bookHere', { at: clock(place.start) })}
              onClick={() => onPlace(place)}
            >
              <span aria-hidden="true">+ {clock(place.start)}</span>
            </button>
          )
        );
      })}
      {entries.map(({ item, piece, lane, lanes }) => (
        <div
          key={`${item.id ?? `${item.start}-${item.actors.join()}`}`}
          className={classes.slot}
          style={box(piece, { lane, lanes })}
        >
          <EntryButton
            entry={item}
            zone={zone}
            column={key}
            leaving={leaving !== undefined && leaving === item.id}
            onOpen={() => onOpen(item)}
            onGrab={item.canReschedule && item.id ? (event) => onGrab(item, event) : undefined}
          />
        </div>
      ))}
      {target &&
        piecesOf(target, zone)
          .filter(isHere(day))
          .map((piece) => (
            <div
              key="target"
              className={classes.target}
              style={box(piece)}
              data-testid="move-target"
            >
              {clock(target.start)}
            </div>
          ))}
      <NowLine {...props} />
    </div>
  );
}

/** Open hours, and what lies over them: closures, blocked and held time. */
function Ground({ actor, day, zone }: { actor: CalendarActor; day: string; zone: string }) {
  const { t } = useTranslation('calendar');
  const layers = [
    ...actor.open.map((span) => ({ span, kind: 'open', label: '' })),
    ...actor.closures.map((span) => ({
      span,
      kind: 'closed',
      label: span.label ?? t('closedHere'),
    })),
    ...actor.blocks.map((span) => ({ span, kind: 'block', label: t('blocked') })),
    ...actor.holds.map((span) => ({ span, kind: 'hold', label: t('held') })),
  ];
  return layers.flatMap(({ span, kind, label }) =>
    piecesOf({ start: Date.parse(span.start), end: Date.parse(span.end) }, zone)
      .filter(isHere(day))
      .map((piece) => (
        <div
          key={`${kind}${span.start}`}
          className={classes.ground}
          data-kind={kind}
          style={box(piece)}
        >
          {label && <span>{label}</span>}
        </div>
      )),
  );
}

function NowLine({ column, zone, now }: Props) {
  const { t } = useTranslation('calendar');
  const clock = useClock(zone);
  const piece = piecesOf({ start: now, end: now + 1 }, zone).find(isHere(column.day));
  if (!piece) return null;
  return (
    <div
      className={classes.now}
      style={box(piece)}
      role="img"
      aria-label={t('nowIs', { at: clock(now) })}
      data-testid="now-line"
    />
  );
}

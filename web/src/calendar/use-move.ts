/** Moving a visit: chosen by keys or by dragging, shown before it is done, done, and taken back. */
import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { CalendarEntry, SeriesReport } from '@afar/visits/contract';
import { ApiError, asApiError } from '../kit/api.ts';
import { placesQuery, reschedule } from './queries.ts';
import { columnOf, landing, type Place, type Step, stepFrom } from './places.ts';
import type { Shown } from './shown.ts';

export interface Moving {
  entry: CalendarEntry & { id: string };
  clinician: string;
  /** Where it stood. Ms since epoch. */
  start: number;
  /** Where it would go. */
  target: Place | undefined;
  /** Let go, or chosen by keys: it waits for a yes. Else it hangs on the pointer. */
  dragged: boolean;
}

export interface Moved {
  entry: CalendarEntry & { id: string };
  clinician: string;
  from: { start: number; end: number };
  to: Place;
}

interface Options {
  shown: Shown;
  /** Columns as they stand on screen. */
  order: readonly string[];
  /** Clinicians among whom it may go: all columns, or the one of the calendar. */
  clinicians: readonly string[];
}

const noPlaces: Place[] = [];

export function useMove({ shown, order, clinicians }: Options) {
  const client = useQueryClient();
  const [picked, setPicked] = useState<Moving>();
  const [moved, setMoved] = useState<Moved>();
  const [error, setError] = useState<unknown>();
  const [saving, setSaving] = useState(false);
  const [report, setReport] = useState<SeriesReport>();
  const { columns, from, to } = shown;

  const among = columns.by === 'clinician' ? clinicians : picked ? [picked.clinician] : [];
  const asked = useQueries({
    queries: picked
      ? among.map((clinician) => placesQuery({ clinician, from, to, moving: picked.entry.id }))
      : [],
    combine: (all) => ({
      ready: all.every((one) => one.isSuccess || one.isError),
      places: all.length > 0 ? all.flatMap((one) => one.data ?? noPlaces) : noPlaces,
    }),
  });
  const { ready } = asked;
  const places = asked.places.filter(
    (one) => one.start !== picked?.start || one.clinician !== picked.clinician,
  );

  // Another week was turned to meanwhile: the visit goes to the same hour there, if it can.
  const away = picked && !picked.dragged && !order.includes(columnOf(at(picked), columns));
  const moving = away
    ? { ...picked, target: stepFrom(at(picked), 'forth', places, columns, order) }
    : picked;

  const invalidate = () => client.invalidateQueries({ queryKey: ['calendar'] });

  async function send(
    { id }: { id: string },
    { slotId }: Place,
    scope: 'this' | 'following',
  ): Promise<void> {
    const answer = await reschedule(id, { slotId, scope }, crypto.randomUUID());
    if ('dates' in answer) setReport(answer);
  }

  async function run(deed: () => Promise<void>): Promise<boolean> {
    setSaving(true);
    setError(undefined);
    try {
      await deed();
      return true;
    } catch (problem) {
      setError(problem);
      return false;
    } finally {
      setSaving(false);
      await invalidate();
    }
  }

  return {
    moving,
    moved,
    places,
    ready,
    saving,
    error,
    /** Whether somebody else took the place meanwhile. */
    taken:
      error !== undefined &&
      asApiError(error).status === 409 &&
      asApiError(error).reason !== 'patient-elsewhere',
    begin(entry: CalendarEntry & { id: string }, clinician: string, dragged = false): void {
      setError(undefined);
      setMoved(undefined);
      setReport(undefined);
      setPicked({ entry, clinician, start: Date.parse(entry.start), target: undefined, dragged });
    },
    step(step: Step): Place | undefined {
      if (!moving) return undefined;
      const next = stepFrom(at(moving), step, places, columns, order);
      if (next) setPicked({ ...moving, target: next });
      return next;
    },
    /** The pointer is over a mark of a column. */
    hover(column: string, mark: number): void {
      if (moving) setPicked({ ...moving, target: landing(column, mark, places, columns) });
    },
    /** A free time was pressed. */
    aim(target: Place): void {
      if (moving) setPicked({ ...moving, target });
    },
    /** Let go: where nothing is near, nothing happens. */
    drop(): void {
      setPicked(moving?.target ? { ...moving, dragged: false } : undefined);
    },
    cancel(): void {
      setPicked(undefined);
      setError(undefined);
    },
    async confirm(scope: 'this' | 'following' = 'this'): Promise<boolean> {
      const target = moving?.target;
      if (!moving || !target || saving) return false;
      const { entry, clinician, start } = moving;
      const done = await run(() => send(entry, target, scope));
      if (!done) return false;
      setPicked(undefined);
      // A series is not moved back in one step.
      if (scope === 'this')
        setMoved({
          entry,
          clinician,
          from: { start, end: Date.parse(entry.end) },
          to: target,
        });
      return true;
    },
    /** Back to where it stood, if that is free still. */
    async undo(): Promise<boolean> {
      if (!moved || saving) return false;
      const { entry, clinician, from: before } = moved;
      const done = await run(async () => {
        const free = await client.fetchQuery({
          ...placesQuery({
            clinician,
            from: before.start,
            to: before.start + 60_000,
            moving: entry.id,
          }),
          staleTime: 0,
        });
        const place = free.find((one) => one.start === before.start);
        if (!place) throw new ApiError(409);
        await send(entry, place, 'this');
      });
      if (done) setMoved(undefined);
      return done;
    },
    /** What became of each date of a series. */
    report,
    forget(): void {
      setMoved(undefined);
      setReport(undefined);
      setError(undefined);
    },
  };
}

const at = (moving: Moving): Pick<Place, 'clinician' | 'start'> =>
  moving.target ?? { clinician: moving.clinician, start: moving.start };

export type Move = ReturnType<typeof useMove>;

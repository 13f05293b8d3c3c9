/** What the calendar of staff asks the server, and what it changes there. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type {
  AppointmentView,
  Calendar,
  CalendarFree,
  CalendarFreeRequest,
  CalendarRequest,
  CancelRequest,
  RescheduleRequest,
  Resource,
  SeriesReport,
} from '@afar/visits/contract';
import { api } from '../kit/api.ts';
import type { Place } from './places.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/** @param actors whose; `['*']` is everybody */
export const calendarQuery = (from: number, to: number, actors: string[]) =>
  queryOptions({
    queryKey: ['calendar', 'shown', from, to, actors],
    // Somebody else books, arrives and cancels meanwhile.
    refetchInterval: 20_000,
    queryFn: ({ signal }) => {
      const body: CalendarRequest = {
        from: iso(from),
        to: iso(to),
        ...(actors.length > 0 && { actors }),
      };
      return api.post<Calendar>('/api/calendar', body, { signal });
    },
  });

/** Everybody who has a calendar; one day of it, for the names. */
export const everybodyQuery = (from: number) =>
  queryOptions({
    ...calendarQuery(from, from + 60_000, ['*']),
    queryKey: ['calendar', 'everybody'],
    refetchInterval: false as const,
    staleTime: 5 * 60_000,
  });

export interface FreeAsk {
  clinician: string;
  from: number;
  to: number;
  with?: string[];
  moving?: string;
}

export const placesQuery = ({ from, to, ...ask }: FreeAsk) =>
  queryOptions({
    queryKey: ['calendar', 'free', from, to, ask],
    staleTime: 5_000,
    queryFn: async ({ signal }): Promise<Place[]> => {
      const body: CalendarFreeRequest = { ...ask, from: iso(from), to: iso(to) };
      const free = await api.post<CalendarFree>('/api/calendar/free', body, { signal });
      return free.map(({ id, start, end }) => ({
        slotId: id,
        clinician: ask.clinician,
        start: Date.parse(start),
        end: Date.parse(end),
      }));
    },
  });

export const resourcesQuery = queryOptions({
  queryKey: ['resources'],
  staleTime: 60_000,
  queryFn: ({ signal }) => api.get<Resource[]>('/api/resources', { signal }),
});

export const keyed = (key: string) => ({ headers: { 'idempotency-key': key } });

/** Moves a visit; the answer is the visit, or for a whole series what became of each date. */
export const reschedule = (id: string, body: RescheduleRequest, key: string) =>
  api.post<AppointmentView | SeriesReport>(`/api/appointments/${id}/reschedule`, body, keyed(key));

/** What staff do to one appointment; the calendar is asked anew after each. */
export function useAppointment(id: string) {
  const client = useQueryClient();
  const onSettled = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ['calendar'] }),
      client.invalidateQueries({ queryKey: ['appointment', id] }),
      client.invalidateQueries({ queryKey: ['agenda'] }),
    ]);
  const deed = <T>(verb: string) => ({
    mutationFn: (body: T) => api.post<AppointmentView>(`/api/appointments/${id}/${verb}`, body),
    onSettled,
  });
  return {
    cancel: useMutation(deed<CancelRequest>('cancel')),
    confirm: useMutation(deed<Record<string, never>>('confirm')),
    noShow: useMutation(deed<Record<string, never>>('no-show')),
    urgent: useMutation(deed<{ urgent: boolean }>('urgent')),
  };
}

/** What the patient surface asks the server. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type {
  AppointmentList,
  Clinicians,
  Intake,
  Slots,
  SlotsRequest,
  UsualPlace,
  VisitSummary,
  VisitView,
} from '@afar/visits/contract';
import { api } from '../kit/api.ts';

export const cliniciansQuery = queryOptions({
  queryKey: ['clinicians'],
  queryFn: ({ signal }) => api.get<Clinicians>('/api/clinicians', { signal }),
});

/** Where she said she was the last time, or lives. */
export const usualPlaceQuery = queryOptions({
  queryKey: ['usual-place'],
  queryFn: ({ signal }) => api.get<UsualPlace>('/api/place', { signal }),
});

/** Free times of one clinician between two instants (ms). They are gone in a moment: always asked anew. */
export const slotsQuery = (
  clinician: string,
  from: number,
  to: number,
  narrowed: Pick<SlotsRequest, 'type' | 'interpreter' | 'patient' | 'moving'> = {},
) =>
  queryOptions({
    queryKey: ['slots', clinician, from, to, narrowed],
    staleTime: 5_000,
    refetchOnWindowFocus: true,
    queryFn: ({ signal }) =>
      api.post<Slots>(
        '/api/slots',
        {
          ...narrowed,
          clinician,
          from: new Date(from).toISOString(),
          to: new Date(to).toISOString(),
        },
        { signal },
      ),
  });

/** @param patient whose: her own id, or that of a dependant */
export const upcomingQuery = (patient: string) =>
  queryOptions({
    queryKey: ['appointments', 'upcoming', patient],
    queryFn: ({ signal }) =>
      api.get<AppointmentList>(`/api/appointments?when=upcoming${whose(patient)}`, { signal }),
  });

export const pastQuery = (patient: string) =>
  infiniteQueryOptions({
    queryKey: ['appointments', 'past', patient],
    initialPageParam: '',
    queryFn: ({ signal, pageParam }) =>
      api.get<AppointmentList>(
        `/api/appointments?when=past${whose(patient)}${pageParam ? `&cursor=${encodeURIComponent(pageParam)}` : ''}`,
        { signal },
      ),
    getNextPageParam: (last) => last.next,
  });

/** Ids only; an account without a record of its own names nobody. */
const whose = (patient: string): string => (patient ? `&patient=${patient}` : '');

export const visitQuery = (id: string) =>
  queryOptions({
    queryKey: ['visit', id],
    queryFn: ({ signal }) => api.get<VisitView>(`/api/visits/${id}`, { signal }),
  });

export const intakeQuery = (id: string) =>
  queryOptions({
    queryKey: ['intake', id],
    staleTime: Infinity, // answers on screen must not be replaced while she writes
    queryFn: ({ signal }) => api.get<Intake>(`/api/appointments/${id}/intake`, { signal }),
  });

export const summaryQuery = (id: string) =>
  queryOptions({
    queryKey: ['summary', id],
    queryFn: ({ signal }) => api.get<VisitSummary>(`/api/visits/${id}/summary`, { signal }),
    // A summary that is being written is looked for again by itself.
    refetchInterval: (query) => (query.state.data?.status === 'pending' ? 10_000 : false),
  });

/** What the patient surface asks the server. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type {
  AppointmentList,
  Clinicians,
  Intake,
  Slots,
  VisitSummary,
  VisitView,
} from '@afar/visits/contract';
import { api } from '../kit/api.ts';

export const cliniciansQuery = queryOptions({
  queryKey: ['clinicians'],
  queryFn: ({ signal }) => api.get<Clinicians>('/api/clinicians', { signal }),
});

/** Free times of one clinician between two instants (ms). They are gone in a moment: always asked anew. */
export const slotsQuery = (clinician: string, from: number, to: number) =>
  queryOptions({
    queryKey: ['slots', clinician, from, to],
    staleTime: 5_000,
    refetchOnWindowFocus: true,
    queryFn: ({ signal }) =>
      api.post<Slots>(
        '/api/slots',
        { clinician, from: new Date(from).toISOString(), to: new Date(to).toISOString() },
        { signal },
      ),
  });

export const upcomingQuery = queryOptions({
  queryKey: ['appointments', 'upcoming'],
  queryFn: ({ signal }) => api.get<AppointmentList>('/api/appointments?when=upcoming', { signal }),
});

export const pastQuery = infiniteQueryOptions({
  queryKey: ['appointments', 'past'],
  initialPageParam: '',
  queryFn: ({ signal, pageParam }) =>
    api.get<AppointmentList>(
      `/api/appointments?when=past${pageParam ? `&cursor=${encodeURIComponent(pageParam)}` : ''}`,
      { signal },
    ),
  getNextPageParam: (last) => last.next,
});

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

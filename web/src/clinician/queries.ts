/** What the clinician surface asks the server about queue, visits and note. */
import { queryOptions } from '@tanstack/react-query';
import type {
  CosignItem,
  AppointmentList,
  BillingCodes,
  Note,
  Orders,
  Queue,
} from '@afar/visits/contract';
import { api } from '../kit/api.ts';

export const queueQuery = queryOptions({
  queryKey: ['queue'],
  // 4 s: somebody who waits is seen within two heartbeats of a glance.
  refetchInterval: 4_000,
  staleTime: 0,
  queryFn: ({ signal }) => api.get<Queue>('/api/queue', { signal }),
});

/** Notes of trainees that wait for the reader's signature. */
export const cosignQuery = queryOptions({
  queryKey: ['cosign'],
  refetchInterval: 30_000,
  queryFn: ({ signal }) => api.get<CosignItem[]>('/api/cosign', { signal }),
});

export const agendaQuery = queryOptions({
  queryKey: ['agenda'],
  refetchInterval: 30_000,
  queryFn: ({ signal }) => api.get<AppointmentList>('/api/appointments?when=upcoming', { signal }),
});

export const noteQuery = (visit: string) =>
  queryOptions({
    queryKey: ['note', visit],
    // The editor holds what is typed; it must not be replaced behind the writer's back.
    staleTime: Infinity,
    queryFn: ({ signal }) => api.get<Note>(`/api/visits/${visit}/note`, { signal }),
  });

export const ordersQuery = (visit: string) =>
  queryOptions({
    queryKey: ['orders', visit],
    queryFn: ({ signal }) => api.get<Orders>(`/api/visits/${visit}/orders`, { signal }),
  });

export const billingQuery = queryOptions({
  queryKey: ['billing-codes'],
  staleTime: Infinity,
  queryFn: ({ signal }) => api.get<BillingCodes>('/api/billing-codes', { signal }),
});

/** What being seen now asks the server. */
import { queryOptions } from '@tanstack/react-query';
import type { OnDemandNow, OnDemandSettings, PoolQueue, PresenceView } from '@afar/visits/contract';
import { api } from '../kit/api.ts';

export const nowQuery = queryOptions({
  queryKey: ['on-demand'],
  refetchInterval: 20_000,
  queryFn: ({ signal }) => api.get<OnDemandNow>('/api/on-demand', { signal }),
});

export const poolQuery = queryOptions({
  queryKey: ['on-demand', 'queue'],
  // 4 s, as one's own queue: who was taken by a colleague is gone before it is pressed.
  refetchInterval: 4_000,
  staleTime: 0,
  queryFn: ({ signal }) => api.get<PoolQueue>('/api/on-demand/queue', { signal }),
});

export const presenceQuery = queryOptions({
  queryKey: ['presence'],
  refetchInterval: 15_000,
  queryFn: ({ signal }) => api.get<PresenceView>('/api/presence', { signal }),
});

export const settingsQuery = queryOptions({
  queryKey: ['on-demand', 'settings'],
  staleTime: Infinity, // what is being typed must not be replaced
  queryFn: ({ signal }) => api.get<OnDemandSettings>('/api/on-demand/settings', { signal }),
});

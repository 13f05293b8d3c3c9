/** What the results inbox asks the server. */
import { queryOptions } from '@tanstack/react-query';
import type { Away, Colleagues, ResultsCount, ResultsInbox } from '@afar/visits/contract';
import { api } from '../../kit/api.ts';

export const inboxQuery = queryOptions({
  queryKey: ['results'],
  // 30 s: what is critical is told by a notice as well.
  refetchInterval: 30_000,
  queryFn: ({ signal }) => api.get<ResultsInbox>('/api/results', { signal }),
});

export const countQuery = queryOptions({
  queryKey: ['results', 'count'],
  refetchInterval: 60_000,
  queryFn: ({ signal }) => api.get<ResultsCount>('/api/results/count', { signal }),
});

export const awayQuery = queryOptions({
  queryKey: ['results', 'away'],
  queryFn: async ({ signal }) =>
    (await api.get<Away | undefined>('/api/results/away', { signal })) ?? null,
});

export const colleaguesQuery = (result: string) =>
  queryOptions({
    queryKey: ['results', 'colleagues', result],
    queryFn: ({ signal }) => api.get<Colleagues>(`/api/results/${result}/colleagues`, { signal }),
  });

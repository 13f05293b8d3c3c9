/** Templates, and what their fields stand for in a visit's chart. */
import { queryOptions } from '@tanstack/react-query';
import type { ChartFields, Template } from '@afar/visits/contract';
import { api } from '../../kit/api.ts';

export const templatesQuery = queryOptions({
  queryKey: ['templates'],
  staleTime: 60_000,
  queryFn: ({ signal }) => api.get<Template[]>('/api/templates', { signal }),
});

/** Of one visit; forgotten as soon as its page is left. */
export const chartFieldsQuery = (visit: string) =>
  queryOptions({
    queryKey: ['chart-fields', visit],
    gcTime: 0,
    staleTime: 60_000,
    queryFn: ({ signal }) => api.get<ChartFields>(`/api/visits/${visit}/chart-fields`, { signal }),
  });

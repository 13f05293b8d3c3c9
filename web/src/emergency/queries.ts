/** What the emergency surface asks the server. */
import { queryOptions } from '@tanstack/react-query';
import type {
  EmergencyFind,
  EmergencyFound,
  EmergencySummary,
  OpenedGlass,
  OpenGlass,
} from '@afar/sharing/contract';
import { api } from '../kit/api.ts';

export const openNowQuery = queryOptions({
  queryKey: ['break-glass', 'mine'],
  queryFn: ({ signal }) => api.get<{ open: OpenedGlass[] }>('/api/break-glass/mine', { signal }),
});

/** Kept in memory for as long as it is on screen, and no longer. */
export const emergencySummaryQuery = (id: string) =>
  queryOptions({
    queryKey: ['break-glass', 'summary', id],
    gcTime: 0,
    retry: 1,
    queryFn: ({ signal }) =>
      api.get<EmergencySummary>(`/api/break-glass/${id}/summary`, { signal }),
  });

export const findPerson = (asked: EmergencyFind): Promise<EmergencyFound> =>
  api.post<EmergencyFound>('/api/break-glass/find', asked);

export const openRecord = (asked: OpenGlass): Promise<OpenedGlass> =>
  api.post<OpenedGlass>('/api/break-glass', asked);

export const closeRecord = (id: string): Promise<void> =>
  api.post<void>(`/api/break-glass/${id}/end`);

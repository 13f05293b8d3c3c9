/** What the auditor asks: the trail, page by page, its counts, what stands out, and whether it is whole. No clinical content. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type {
  AnomalyPage,
  AnomalyRules,
  AuditPage,
  AuditSearchRequest,
  AuditStanding,
  AuditSummary,
} from '@afar/access/contract';
import type { GlassRow } from '@afar/sharing/contract';
import { api } from '../kit/api.ts';

export type Period = 'day' | 'week' | 'month';

const hour = 3_600_000;
export const periodHours: Record<Period, number> = { day: 24, week: 7 * 24, month: 30 * 24 };

// 5 s: an event is looked at by a person, not raced.
const liveMs = 5_000;

/** From the hour that many hours ago to the end of the present one, so that a look again is the same question. */
export function spanOf(period: Period, now: number): { from: number; to: number } {
  const to = Math.ceil(now / hour) * hour;
  return { from: to - periodHours[period] * hour, to };
}

/** @param live asks again every few seconds, as long as only the newest page is open */
export const trailQuery = (filter: AuditSearchRequest, live = false) =>
  infiniteQueryOptions({
    queryKey: ['audit', 'trail', filter],
    initialPageParam: '',
    queryFn: ({ signal, pageParam }) =>
      api.post<AuditPage>(
        '/api/auditor/search',
        { ...filter, limit: 50, ...(pageParam && { cursor: pageParam }) },
        { signal },
      ),
    getNextPageParam: (last) => last.next,
    refetchInterval: ({ state }) => (live && state.data?.pages.length === 1 ? liveMs : false),
  });

export const summaryQuery = (from: number, to: number) =>
  queryOptions({
    queryKey: ['audit', 'summary', from, to],
    queryFn: ({ signal }) =>
      api.post<AuditSummary>('/api/auditor/summary', { from, to }, { signal }),
  });

export const standingQuery = queryOptions({
  queryKey: ['audit', 'standing'],
  queryFn: ({ signal }) => api.get<AuditStanding>('/api/auditor/standing', { signal }),
  refetchInterval: 30_000,
});

export const alertsQuery = infiniteQueryOptions({
  queryKey: ['audit', 'alerts'],
  initialPageParam: '',
  queryFn: ({ signal, pageParam }) =>
    api.get<AnomalyPage>(`/api/auditor/anomalies${pageParam && `?before=${pageParam}`}`, {
      signal,
    }),
  getNextPageParam: (last) => last.next,
  refetchInterval: 10_000,
});

export const rulesQuery = queryOptions({
  queryKey: ['audit', 'rules'],
  queryFn: ({ signal }) => api.get<AnomalyRules>('/api/auditor/rules', { signal }),
});

export const emergenciesQuery = infiniteQueryOptions({
  queryKey: ['audit', 'emergencies'],
  initialPageParam: 0,
  queryFn: ({ signal, pageParam }) =>
    api.get<{ rows: GlassRow[]; next?: number }>(
      `/api/break-glass${pageParam ? `?before=${pageParam}` : ''}`,
      { signal },
    ),
  getNextPageParam: (last) => last.next,
});

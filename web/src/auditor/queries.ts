/** What the auditor asks: the trail, page by page, and its counts. No answer holds clinical content. */
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { AuditPage, AuditSearchRequest, AuditSummary } from '@afar/access/contract';
import { api } from '../kit/api.ts';

export type Period = 'day' | 'week' | 'month';

const hour = 3_600_000;
export const periodHours: Record<Period, number> = { day: 24, week: 7 * 24, month: 30 * 24 };

/** From the hour that many hours ago to the end of the present one, so that a look again is the same question. */
export function spanOf(period: Period, now: number): { from: number; to: number } {
  const to = Math.ceil(now / hour) * hour;
  return { from: to - periodHours[period] * hour, to };
}

export const trailQuery = (filter: AuditSearchRequest) =>
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
  });

export const summaryQuery = (from: number, to: number) =>
  queryOptions({
    queryKey: ['audit', 'summary', from, to],
    queryFn: ({ signal }) =>
      api.post<AuditSummary>('/api/auditor/summary', { from, to }, { signal }),
  });

/** How a lockdown stands, as everybody may know. */
import { queryOptions } from '@tanstack/react-query';
import type { LockdownState } from '@afar/access/contract';
import { api } from '../kit/api.ts';

/** With the reason and who asks to lift it, for the office. */
export const lockdownQuery = queryOptions({
  queryKey: ['lockdown', 'office'],
  queryFn: ({ signal }) => api.get<LockdownState>('/api/lockdown', { signal }),
});

export const lockdownBannerQuery = queryOptions({
  queryKey: ['lockdown', 'banner'],
  queryFn: ({ signal }) => api.get<LockdownState>('/state/lockdown', { signal }),
  // 20 s: one small answer; a page that stays open tells of it soon enough, and what it tries says so at once.
  refetchInterval: 20_000,
  retry: false,
});

/** What waits for her: asked when she comes, comes back to the page, or opens the bell; never by itself, or no session would end. */
import { queryOptions } from '@tanstack/react-query';
import type { NoticeList } from '@afar/access/contract';
import { api } from '../kit/api.ts';

export const noticesQuery = queryOptions({
  queryKey: ['notices'],
  staleTime: 60_000,
  refetchOnWindowFocus: true,
  queryFn: ({ signal }) => api.get<NoticeList>('/api/notices', { signal }),
});

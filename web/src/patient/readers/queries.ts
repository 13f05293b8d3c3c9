/** Who was in a record, asked a page of days at a time. */
import { infiniteQueryOptions } from '@tanstack/react-query';
import type { ReaderPage } from '@afar/access/contract';
import { api } from '../../kit/api.ts';

export const readersQuery = (patient: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ['readers', patient],
    initialPageParam: 0,
    queryFn: ({ signal, pageParam }) => {
      const asked = new URLSearchParams({
        ...(patient && { patient }),
        ...(pageParam > 0 && { before: String(pageParam) }),
      });
      return api.get<ReaderPage>(`/api/readers?${asked}`, { signal });
    },
    getNextPageParam: (last) => last.next,
  });

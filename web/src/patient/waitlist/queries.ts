/** What the waitlist asks the server. */
import { queryOptions } from '@tanstack/react-query';
import type { Waitlist } from '@afar/visits/contract';
import { api } from '../../kit/api.ts';

/** @param patient whose: her own id, or that of a dependant. An offer ends in minutes: it is looked for by itself. */
export const waitlistQuery = (patient: string) =>
  queryOptions({
    queryKey: ['waitlist', patient],
    // An account without a record of its own waits for nothing itself.
    enabled: patient !== '',
    refetchInterval: 20_000,
    queryFn: ({ signal }) =>
      api.get<Waitlist>(`/api/waitlist${patient ? `?patient=${patient}` : ''}`, { signal }),
  });

/** Guests of a visit in the call: who stands at the door, and what its clinician can do. */
import { useMutation, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { Guests, GuestView } from '@afar/visits/contract';
import { api } from '../../kit/api.ts';
import type { VisitLink } from '../link.ts';

export const guestsKey = (visitId: string): readonly string[] => ['visit-guests', visitId];

export interface GuestDesk {
  guests: readonly GuestView[];
  admit: (guest: string) => void;
  eject: (guest: string) => void;
  busy: boolean;
  error: unknown;
}

/** Who is invited and where each stands, asked anew whenever the room says that it changed. */
export function useGuestList(
  visitId: string,
  link: VisitLink,
  asks: boolean,
): UseQueryResult<Guests> {
  const client = useQueryClient();
  const list = useQuery({
    queryKey: guestsKey(visitId),
    queryFn: () => api.get<Guests>(`/api/visits/${visitId}/guests`),
    enabled: asks,
  });
  useEffect(
    () =>
      link.onRoom(({ type }) => {
        if (type === 'guests' || type === 'missed')
          void client.invalidateQueries({ queryKey: guestsKey(visitId) });
      }),
    [link, client, visitId],
  );
  return list;
}

export function useGuests(visitId: string, link: VisitLink, asks: boolean): GuestDesk {
  const client = useQueryClient();
  const queryKey = guestsKey(visitId);
  const list = useGuestList(visitId, link, asks);
  const deed = (name: 'admit' | 'revoke') => ({
    mutationFn: (guest: string) =>
      api.post<GuestView>(`/api/visits/${visitId}/guests/${guest}/${name}`),
    onSettled: () => client.invalidateQueries({ queryKey }),
  });
  const admit = useMutation(deed('admit'));
  const eject = useMutation(deed('revoke'));
  return {
    guests: list.data?.guests ?? [],
    admit: admit.mutate,
    eject: eject.mutate,
    busy: admit.isPending || eject.isPending,
    error: admit.error ?? eject.error,
  };
}

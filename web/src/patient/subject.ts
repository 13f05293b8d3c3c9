/** For whom she is here: herself, or a dependant she stands for. In memory alone: the next visit begins with herself. */
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import type { Dependant, Dependants } from '@afar/enrolment/contract';
import { api } from '../kit/api.ts';
import { useMe } from '../shell/session.ts';

export const dependantsQuery = queryOptions({
  queryKey: ['dependants'],
  staleTime: 60_000,
  queryFn: ({ signal }) => api.get<Dependants>('/api/dependants', { signal }),
});

const chosenKey = ['subject'];

export interface Subject {
  /** Patient id. */
  patient: string;
  /** Undefined for herself. */
  dependant: Dependant | undefined;
  /** Whom she may choose besides herself. */
  dependants: readonly Dependant[];
  /** Undefined chooses herself. */
  choose(patient: string | undefined): void;
}

export function useSubject(): Subject {
  const me = useMe();
  const client = useQueryClient();
  const { data } = useQuery({ ...dependantsQuery, enabled: (me.proxies?.length ?? 0) > 0 });
  const { data: chosen } = useQuery<string | null>({
    queryKey: chosenKey,
    queryFn: () => null,
    initialData: null,
    staleTime: Infinity,
    gcTime: Infinity,
  });
  const dependants = data?.dependants ?? [];
  const dependant = dependants.find((one) => one.patient === chosen);
  return {
    patient: dependant?.patient ?? me.fhirUser?.id ?? '',
    dependant,
    dependants,
    choose: (patient) => void client.setQueryData(chosenKey, patient ?? null),
  };
}

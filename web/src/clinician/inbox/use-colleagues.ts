/** Practitioners of the directory, to choose one from. */
import { useQuery } from '@tanstack/react-query';
import type { Practitioner } from '@medplum/fhirtypes';
import { searchFhir } from '../../kit/fhir.ts';
import { personName } from '../person-name.ts';

export function useColleagues(): { value: string; label: string }[] {
  const { data = [] } = useQuery({
    queryKey: ['colleagues'],
    staleTime: 300_000,
    queryFn: ({ signal }) => searchFhir<Practitioner>('Practitioner', { _count: '500' }, signal),
  });
  return data
    .filter((one) => one.active !== false)
    .map((one) => ({ value: one.id!, label: personName(one.name) }))
    .toSorted((one, other) => one.label.localeCompare(other.label));
}

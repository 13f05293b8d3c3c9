/** The chart of one patient, part by part, as FHIR searches. */
import { useQuery } from '@tanstack/react-query';
import type {
  AllergyIntolerance,
  Composition,
  Condition,
  Encounter,
  Immunization,
  MedicationRequest,
  Observation,
  Patient,
  Procedure,
} from '@medplum/fhirtypes';
import { api } from '../kit/api.ts';
import { searchFhir } from '../kit/fhir.ts';

export const usePatient = (id: string) =>
  useQuery({
    queryKey: ['chart', id, 'Patient'],
    staleTime: 60_000,
    queryFn: ({ signal }) => api.get<Patient>(`/fhir/R4/Patient/${id}`, { signal }),
  });

/** 1,000: the most the server gives at once; whoever has more of one kind has it newest first. */
const most = '1000';

function usePart<T extends { resourceType: string }>(
  type: T['resourceType'],
  patient: string,
  more: Record<string, string> = {},
) {
  return useQuery({
    queryKey: ['chart', patient, type],
    staleTime: 60_000,
    queryFn: ({ signal }) => searchFhir<T>(type, { patient, _count: most, ...more }, signal),
  });
}

/** Every part of a chart; each loads, fails and is asked again by itself. */
export function useChart(patient: string) {
  return {
    conditions: usePart<Condition>('Condition', patient),
    medicines: usePart<MedicationRequest>('MedicationRequest', patient),
    allergies: usePart<AllergyIntolerance>('AllergyIntolerance', patient),
    encounters: usePart<Encounter>('Encounter', patient, { _sort: '-date' }),
    results: usePart<Observation>('Observation', patient, { _sort: '-date' }),
    procedures: usePart<Procedure>('Procedure', patient),
    immunizations: usePart<Immunization>('Immunization', patient),
    notes: usePart<Composition>('Composition', patient),
  };
}

export type Chart = ReturnType<typeof useChart>;

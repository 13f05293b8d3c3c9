/** What the guest's page asks the server: as the guest of its link, whoever else is signed in here. */
import { queryOptions } from '@tanstack/react-query';
import type { Resource } from '@medplum/fhirtypes';
import type { OpenedLink, OpenLinkRequest, SharedKind, SharedView } from '@afar/sharing/contract';
import { api } from '../kit/api.ts';

const headers = { 'x-afar-guest': '1' };

export const openLink = (body: OpenLinkRequest): Promise<OpenedLink> =>
  api.post<OpenedLink>('/api/links/open', body);

export const leave = (): Promise<void> => api.post<void>('/api/links/leave', {}, { headers });

export const sharedQuery = queryOptions({
  queryKey: ['shared'],
  retry: false,
  gcTime: 0,
  queryFn: ({ signal }) => api.get<SharedView>('/api/shared', { signal, headers }),
});

/** The types each part shows, in the order of the page. */
export const parts = {
  problems: ['Condition'],
  allergies: ['AllergyIntolerance'],
  medications: ['MedicationRequest', 'MedicationStatement'],
  results: ['DiagnosticReport', 'Observation'],
  immunizations: ['Immunization'],
  documents: ['Composition', 'DocumentReference'],
  visits: ['Encounter'],
} as const satisfies Partial<Record<SharedKind, readonly Resource['resourceType'][]>>;

export type Part = keyof typeof parts;

async function search(type: string, patient: string, signal: AbortSignal): Promise<Resource[]> {
  const bundle = await api.form<{ entry?: { resource?: Resource }[] }>(
    `/fhir/R4/${type}/_search`,
    new URLSearchParams({ patient, _count: '100' }),
    { signal, headers },
  );
  return (bundle.entry ?? []).flatMap(({ resource }) =>
    resource?.resourceType === type ? [resource] : [],
  );
}

export const partQuery = (part: Part, patient: string) =>
  queryOptions({
    queryKey: ['shared', part, patient],
    retry: false,
    gcTime: 0,
    queryFn: async ({ signal }) =>
      (await Promise.all(parts[part].map((type) => search(type, patient, signal)))).flat(),
  });

export const itemQuery = (item: string) =>
  queryOptions({
    queryKey: ['shared', item],
    retry: false,
    gcTime: 0,
    queryFn: async ({ signal }) => [
      await api.get<Resource>(`/fhir/R4/${item}`, { signal, headers }),
    ],
  });

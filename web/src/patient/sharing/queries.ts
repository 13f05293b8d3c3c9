/** What the page on who may see one's record asks the server. */
import { queryOptions } from '@tanstack/react-query';
import type { Consent, Organization, Practitioner } from '@medplum/fhirtypes';
import type { Reach } from '@afar/sharing/contract';
import { api } from '../../kit/api.ts';
import { searchFhir } from '../../kit/fhir.ts';

export const reachQuery = (patient: string) =>
  queryOptions({
    queryKey: ['reach', patient],
    queryFn: ({ signal }) => api.get<Reach>(`/api/reach/${patient}`, { signal }),
  });

const privacy = (consent: Consent): boolean =>
  (consent.scope.coding ?? []).some(({ code }) => code === 'patient-privacy');

/** Those that are in force and speak of privacy. */
export const consentsQuery = (patient: string) =>
  queryOptions({
    queryKey: ['consents', patient],
    queryFn: async ({ signal }) =>
      (
        await searchFhir<Consent>(
          'Consent',
          { patient, status: 'active', _count: '100', _sort: '-date' },
          signal,
        )
      ).filter(privacy),
  });

export interface Someone {
  reference: string;
  name: string;
  kind: 'person' | 'organisation';
}

const fullName = ({ name }: Practitioner): string => {
  const one = name?.find(({ use }) => use === 'official') ?? name?.[0];
  return (
    one?.text ??
    [...(one?.prefix ?? []), ...(one?.given ?? []), one?.family].filter(Boolean).join(' ')
  );
};

/** People and organisations of the clinic by name. */
export const someoneQuery = (asked: string) =>
  queryOptions({
    queryKey: ['someone', asked],
    enabled: asked.length >= 2,
    queryFn: async ({ signal }): Promise<Someone[]> => {
      const params = { name: asked, _count: '10' };
      const [people, organisations] = await Promise.all([
        searchFhir<Practitioner>('Practitioner', params, signal),
        searchFhir<Organization>('Organization', params, signal),
      ]);
      return [
        ...people.map((one) => ({
          reference: `Practitioner/${one.id}`,
          name: fullName(one),
          kind: 'person' as const,
        })),
        ...organisations.map((one) => ({
          reference: `Organization/${one.id}`,
          name: one.name ?? '',
          kind: 'organisation' as const,
        })),
      ].filter(({ name }) => name !== '');
    },
  });

export const sayConsent = (consent: Consent): Promise<Consent> =>
  api.post<Consent>('/fhir/R4/Consent', consent);

export const withdrawConsent = (consent: Consent): Promise<Consent> =>
  api.put<Consent>(`/fhir/R4/Consent/${consent.id}`, { ...consent, status: 'inactive' });

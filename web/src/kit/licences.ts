/** What the licence pages ask the server: the clinician's own, and the office's queue. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type {
  DecideLicenceRequest,
  Licence,
  LicenceList,
  MyLicences,
  SubmitLicenceRequest,
} from '@afar/access/contract';
import { api } from './api.ts';

export type LicenceView = 'waiting' | 'ending' | 'all';

export const myLicencesQuery = queryOptions({
  queryKey: ['licences', 'mine'],
  queryFn: ({ signal }) => api.get<MyLicences>('/api/licences/mine', { signal }),
});

export const officeLicencesQuery = (view: LicenceView) =>
  queryOptions({
    queryKey: ['licences', 'office', view],
    queryFn: async ({ signal }) =>
      (await api.get<LicenceList>(`/api/office/licences?view=${view}`, { signal })).licences,
  });

export function useLicences() {
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: ['licences'] });
  return {
    submit: useMutation({
      mutationFn: (body: SubmitLicenceRequest) => api.post<Licence>('/api/licences', body),
      onSettled,
    }),
    decide: useMutation({
      mutationFn: ({ id, ...body }: DecideLicenceRequest & { id: string }) =>
        api.post<Licence>(`/api/office/licences/${id}/decide`, body),
      onSettled,
    }),
  };
}

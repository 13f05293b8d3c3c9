/** What the page of share links asks the server. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type {
  MakeLinkRequest,
  NewLink,
  ShareLink,
  ShareLinkList,
  SharedKind,
} from '@afar/sharing/contract';
import { api } from '../../../kit/api.ts';

export const sharedKinds: SharedKind[] = [
  'problems',
  'allergies',
  'medications',
  'results',
  'immunizations',
  'documents',
  'visits',
];

export const linksQuery = (patient: string) =>
  queryOptions({
    queryKey: ['share-links', patient],
    queryFn: async ({ signal }) =>
      (await api.get<ShareLinkList>(`/api/links?patient=${patient}`, { signal })).links,
  });

export function useLinks(patient: string) {
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: linksQuery(patient).queryKey });
  return {
    make: useMutation({
      mutationFn: (body: MakeLinkRequest) => api.post<NewLink>('/api/links', { ...body, patient }),
      onSettled,
    }),
    revoke: useMutation({
      mutationFn: (id: string) => api.post<ShareLink>(`/api/links/${id}/revoke`),
      onSettled,
    }),
  };
}

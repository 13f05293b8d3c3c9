/** What the office asks the server about API clients and other places to sign in. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type {
  ChangedClient,
  ChangedIdentityProvider,
  CreateClientRequest,
  IdentityProviderRequest,
  IdentityProviders,
  NewClientSecret,
  OfficeClients,
  RegistrationToken,
  UpdateClientRequest,
} from '@afar/access/contract';
import { api } from '../../kit/api.ts';

export const clientsQuery = queryOptions({
  queryKey: ['office', 'clients'],
  queryFn: ({ signal }) => api.get<OfficeClients>('/api/office/clients', { signal }),
});

export const providersQuery = queryOptions({
  queryKey: ['office', 'identity-providers'],
  queryFn: ({ signal }) => api.get<IdentityProviders>('/api/office/identity-providers', { signal }),
});

/** What an administrator does to clients; the list is asked anew after each. */
export function useClients() {
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: clientsQuery.queryKey });
  return {
    create: useMutation({
      mutationFn: (wanted: CreateClientRequest) =>
        api.post<NewClientSecret>('/api/office/clients', wanted),
      onSettled,
    }),
    update: useMutation({
      mutationFn: ({ id, ...change }: UpdateClientRequest & { id: string }) =>
        api.patch<ChangedClient>(`/api/office/clients/${id}`, change),
      onSettled,
    }),
    renew: useMutation({
      mutationFn: (id: string) => api.post<NewClientSecret>(`/api/office/clients/${id}/secret`),
      onSettled,
    }),
    invite: useMutation({
      mutationFn: () => api.post<RegistrationToken>('/api/office/clients/registration-token'),
    }),
  };
}

export function useProviders() {
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: providersQuery.queryKey });
  return {
    add: useMutation({
      mutationFn: (wanted: IdentityProviderRequest) =>
        api.post<ChangedIdentityProvider>('/api/office/identity-providers', wanted),
      onSettled,
    }),
    update: useMutation({
      mutationFn: ({
        id,
        ...change
      }: Partial<IdentityProviderRequest> & { id: string; status?: 'active' | 'disabled' }) =>
        api.patch<ChangedIdentityProvider>(`/api/office/identity-providers/${id}`, change),
      onSettled,
    }),
  };
}

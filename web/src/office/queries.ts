/** What the office asks the server about people and their accounts. */
import { infiniteQueryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type {
  CreateUserRequest,
  NewUserSecrets,
  OfficeUser,
  OfficeUserPage,
  UpdateUserRequest,
} from '@afar/access/contract';
import { api } from '../kit/api.ts';

export const usersQuery = infiniteQueryOptions({
  queryKey: ['office', 'users'],
  initialPageParam: '',
  queryFn: ({ signal, pageParam }) =>
    api.get<OfficeUserPage>(
      `/api/office/users?limit=50${pageParam ? `&cursor=${encodeURIComponent(pageParam)}` : ''}`,
      { signal },
    ),
  getNextPageParam: (last) => last.next,
});

const clinical = new Set<string>(['practitioner', 'nurse']);

/** Who treats people stands in the directory: as a Practitioner, by name. */
async function directoryEntry(name: string): Promise<string> {
  const family = name.trim().split(/\s+/).at(-1)!;
  const made = await api.post<{ id: string }>('/fhir/R4/Practitioner', {
    resourceType: 'Practitioner',
    active: true,
    name: [{ text: name, family }],
  });
  return made.id;
}

/** The three things an administrator does to an account; the list is asked anew after each. */
export function useOffice() {
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: usersQuery.queryKey });
  return {
    create: useMutation({
      mutationFn: async (user: CreateUserRequest) => {
        const practitioner = clinical.has(user.role) ? await directoryEntry(user.name) : undefined;
        return api.post<NewUserSecrets>('/api/office/users', {
          ...user,
          ...(practitioner && { fhirUser: { type: 'Practitioner', id: practitioner } }),
        });
      },
      onSettled,
    }),
    update: useMutation({
      mutationFn: ({ id, ...change }: UpdateUserRequest & { id: string }) =>
        api.patch<OfficeUser>(`/api/office/users/${id}`, change),
      onSettled,
    }),
    reset: useMutation({
      mutationFn: (id: string) => api.post<NewUserSecrets>(`/api/office/users/${id}/reset`),
      onSettled,
    }),
  };
}

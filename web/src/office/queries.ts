/** What the office asks the server about people and their accounts. */
import {
  infiniteQueryOptions,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import type {
  ApprovalList,
  AskedUser,
  CreateUserRequest,
  DecidedApproval,
  OfficeUser,
  OfficeUserPage,
  RoleTable,
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

/** Asked anew each half minute: somebody else's question appears by itself. */
export const approvalsQuery = queryOptions({
  queryKey: ['office', 'approvals'],
  queryFn: ({ signal }) => api.get<ApprovalList>('/api/office/approvals', { signal }),
  refetchInterval: 30_000,
});

export const rolesQuery = queryOptions({
  queryKey: ['office', 'roles'],
  queryFn: ({ signal }) => api.get<RoleTable>('/api/office/roles', { signal }),
});

const clinical = new Set<string>([
  'practitioner',
  'trainee',
  'nurse',
  'resident',
  'pharmacist',
  'paramedic',
]);

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

/** What an administrator does to accounts, and what two decide; the lists are asked anew after each. */
export function useOffice() {
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: ['office'] });
  return {
    create: useMutation({
      mutationFn: async (user: CreateUserRequest) => {
        const practitioner = clinical.has(user.role) ? await directoryEntry(user.name) : undefined;
        return api.post<AskedUser>('/api/office/users', {
          ...user,
          ...(practitioner && { fhirUser: { type: 'Practitioner', id: practitioner } }),
        });
      },
      onSettled,
    }),
    update: useMutation({
      mutationFn: ({ id, ...change }: UpdateUserRequest & { id: string }) =>
        api.patch<OfficeUser | AskedUser>(`/api/office/users/${id}`, change),
      onSettled,
    }),
    reset: useMutation({
      mutationFn: (id: string) => api.post<AskedUser>(`/api/office/users/${id}/reset`),
      onSettled,
    }),
    decide: useMutation({
      mutationFn: ({ id, verdict }: { id: string; verdict: 'approve' | 'refuse' | 'withdraw' }) =>
        api.post<DecidedApproval>(`/api/office/approvals/${id}/${verdict}`),
      onSettled,
    }),
  };
}

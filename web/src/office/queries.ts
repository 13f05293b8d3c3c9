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

/** The three things an administrator does to an account; the list is asked anew after each. */
export function useOffice() {
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: usersQuery.queryKey });
  return {
    create: useMutation({
      mutationFn: (user: CreateUserRequest) => api.post<NewUserSecrets>('/api/office/users', user),
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

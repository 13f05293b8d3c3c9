/** What the front desk asks the server. */
import { queryOptions } from '@tanstack/react-query';
import type { Candidates, Decision, Invited, InviteRequest } from '@afar/enrolment/contract';
import { api } from '../kit/api.ts';

export const candidatesQuery = queryOptions({
  queryKey: ['merge-candidates'],
  queryFn: ({ signal }) => api.get<Candidates>('/api/enrolment/candidates', { signal }),
});

export const decide = ({ task, decision }: { task: string; decision: Decision }) =>
  api.post(`/api/enrolment/candidates/${task}`, decision);

export const invite = (asked: InviteRequest) =>
  api.post<Invited>('/api/enrolment/invitations', asked);

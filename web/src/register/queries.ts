/** What registering asks the server. */
import { queryOptions } from '@tanstack/react-query';
import type {
  CodeAnswer,
  CodeRequest,
  InvitationAnswer,
  InvitationKey,
  RegisterAnswer,
  RegisterRequest,
  Registration,
  VerifyAnswer,
  VerifyRequest,
} from '@afar/enrolment/contract';
import { api } from '../kit/api.ts';

export const registrationQuery = queryOptions({
  queryKey: ['registration'],
  staleTime: Infinity,
  queryFn: ({ signal }) => api.get<Registration>('/api/register', { signal }),
});

export const askCode = (asked: CodeRequest) => api.post<CodeAnswer>('/api/register/code', asked);
export const verify = (asked: VerifyRequest) =>
  api.post<VerifyAnswer>('/api/register/verify', asked);
export const greet = (key: InvitationKey) =>
  api.post<InvitationAnswer>('/api/register/invitation', key);
/** A family's charts are made in one go: longer than other requests. */
export const open = (asked: RegisterRequest) =>
  api.post<RegisterAnswer>('/api/register', asked, { deadline: 30_000 });

export interface OutboxMessage {
  id: string;
  at: number;
  kind: 'mail' | 'sms' | 'push';
  to: string;
  subject?: string;
  title?: string;
  text: string;
}

/** The demo's messages; null where there is no such page. */
export const outboxQuery = queryOptions({
  queryKey: ['demo-outbox'],
  retry: false,
  queryFn: async ({ signal }): Promise<OutboxMessage[] | null> => {
    try {
      return (await api.get<{ messages: OutboxMessage[] }>('/api/demo/outbox', { signal }))
        .messages;
    } catch {
      return null;
    }
  },
});

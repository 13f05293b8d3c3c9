/** Threads from the server, and what is done with them. */
import {
  infiniteQueryOptions,
  queryOptions,
  useMutation,
  useQueryClient,
} from '@tanstack/react-query';
import type {
  Attachment,
  Box,
  MessageBody,
  MessagingSettings,
  NewThread,
  Sent,
  Stopped,
  Team,
  Thread,
  Threads,
  Unread,
} from '@afar/messaging/contract';
import { api } from '../kit/api.ts';

/** Asked when she comes and comes back, never by itself: or no session would end. */
export const unreadQuery = queryOptions({
  queryKey: ['messages', 'unread'],
  staleTime: 30_000,
  refetchOnWindowFocus: true,
  queryFn: ({ signal }) => api.get<Unread>('/api/messages/unread', { signal }),
});

export const settingsQuery = queryOptions({
  queryKey: ['messages', 'settings'],
  staleTime: 300_000,
  queryFn: ({ signal }) => api.get<MessagingSettings>('/api/messaging/settings', { signal }),
});

export const threadsQuery = (box: Box, patient?: string) =>
  infiniteQueryOptions({
    queryKey: ['messages', 'threads', box, patient ?? ''],
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: Threads) => last.next,
    refetchOnWindowFocus: true,
    queryFn: ({ pageParam, signal }) => {
      const asked = new URLSearchParams({ box });
      if (patient) asked.set('patient', patient);
      if (pageParam) asked.set('before', pageParam);
      return api.get<Threads>(`/api/messages?${asked}`, { signal });
    },
  });

export const threadKey = (id: string) => ['messages', 'thread', id] as const;

export const threadQuery = (id: string) =>
  queryOptions({
    queryKey: threadKey(id),
    refetchOnWindowFocus: true,
    queryFn: ({ signal }) => api.get<Thread>(`/api/messages/${id}`, { signal }),
  });

export const olderMessages = (id: string, before: number): Promise<Thread> =>
  api.get<Thread>(`/api/messages/${id}?before=${before}`);

export const teamQuery = (id: string) =>
  queryOptions({
    queryKey: ['messages', 'team', id],
    queryFn: ({ signal }) => api.get<Team>(`/api/messages/${id}/team`, { signal }),
  });

type Answer = Sent | Stopped;
/** The key is of the words: made once for them, so that sending them again after a lost answer writes nothing twice. */
interface Keyed<B> {
  body: B;
  key: string;
}

const sending = { deadline: 30_000 };

export function useSend(thread: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ body, key }: Keyed<MessageBody>) =>
      api.post<Answer>(`/api/messages/${thread}`, body, {
        ...sending,
        headers: { 'idempotency-key': key },
      }),
    onSuccess: (answer) => {
      if (!('stopped' in answer)) return client.invalidateQueries({ queryKey: ['messages'] });
      return undefined;
    },
  });
}

export function useBegin() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ body, key }: Keyed<NewThread>) =>
      api.post<Answer>('/api/messages', body, { ...sending, headers: { 'idempotency-key': key } }),
    onSuccess: (answer) => {
      if (!('stopped' in answer)) return client.invalidateQueries({ queryKey: ['messages'] });
      return undefined;
    },
  });
}

/** What staff do with a thread; the answer is the thread as it then is. */
export function useDeed(thread: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({
      deed,
      body = {},
    }: {
      deed: 'assign' | 'urgent' | 'close' | 'reopen';
      body?: object;
    }) => api.post<Thread>(`/api/messages/${thread}/${deed}`, body),
    onSuccess: (after) => {
      client.setQueryData(threadKey(thread), after);
      void client.invalidateQueries({ queryKey: ['messages', 'threads'] });
    },
  });
}

export const markRead = (thread: string, seq: number): Promise<void> =>
  api.post(`/api/messages/${thread}/seen`, { seq });

export const saveDraft = (place: string, text: string): Promise<void> =>
  api.put(`/api/messages/drafts/${place}`, { text });

export const draftQuery = (place: string) =>
  queryOptions({
    queryKey: ['messages', 'draft', place],
    staleTime: 0,
    gcTime: 0,
    queryFn: ({ signal }) => api.get<{ text: string }>(`/api/messages/drafts/${place}`, { signal }),
  });

export const upload = (patient: string, file: Blob, name: string): Promise<Attachment> =>
  api.upload<Attachment>(`/api/messages/attachments/${patient}`, file, {
    'x-file-name': encodeURIComponent(name),
  });

export const fileAddress = (id: string): string => `/api/messages/files/${id}`;

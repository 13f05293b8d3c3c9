/** What the pages about apps ask the server. */
import { queryOptions } from '@tanstack/react-query';
import type {
  AccessAnswer,
  AllowAccess,
  AskedAccess,
  ConnectedApps,
  LaunchableApps,
  LaunchAnswer,
  LaunchRequest,
} from '@afar/access/contract';
import { api } from '../kit/api.ts';

export const askedQuery = (uid: string) =>
  queryOptions({
    queryKey: ['authorize', uid],
    retry: false,
    staleTime: Infinity,
    queryFn: ({ signal }) =>
      api.get<AskedAccess>(`/api/authorize/${encodeURIComponent(uid)}`, { signal }),
  });

const at = (uid: string): string => `/api/authorize/${encodeURIComponent(uid)}`;
export const allow = (uid: string, answer: AllowAccess): Promise<AccessAnswer> =>
  api.post<AccessAnswer>(at(uid), answer);
export const refuse = (uid: string): Promise<AccessAnswer> =>
  api.post<AccessAnswer>(`${at(uid)}/refuse`);

export const connectedQuery = queryOptions({
  queryKey: ['account', 'apps'],
  queryFn: ({ signal }) => api.get<ConnectedApps>('/api/account/apps', { signal }),
});
export const endApp = (client: string): Promise<void> =>
  api.delete<void>(`/api/account/apps/${client}`);

export const launchableQuery = queryOptions({
  queryKey: ['launches'],
  staleTime: 5 * 60_000,
  queryFn: ({ signal }) => api.get<LaunchableApps>('/api/launches', { signal }),
});
export const launchApp = (launch: LaunchRequest): Promise<LaunchAnswer> =>
  api.post<LaunchAnswer>('/api/launches', launch);

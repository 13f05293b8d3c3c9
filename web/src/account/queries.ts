/** What a person asks the server about her own account, and what she changes there. */
import { queryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import type {
  DeviceList,
  Factors,
  Me,
  NewFactor,
  NewTotp,
  RecoveryCodes,
  UpdateMeRequest,
} from '@afar/access/contract';
import { api } from '../kit/api.ts';
import { makePasskey } from '../shell/passkey.ts';
import { meQuery } from '../shell/session.ts';

export const factorsQuery = queryOptions({
  queryKey: ['account', 'factors'],
  queryFn: ({ signal }) => api.get<Factors>('/auth/factors', { signal }),
});

export const devicesQuery = queryOptions({
  queryKey: ['account', 'devices'],
  queryFn: ({ signal }) => api.get<DeviceList>('/auth/devices', { signal }),
});

/** Everything one does to one's second factors; what is on screen is asked anew after each. */
export function useFactors() {
  const client = useQueryClient();
  const onSettled = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: ['account'] }),
      client.invalidateQueries({ queryKey: meQuery.queryKey }),
    ]);
  /** A new factor brings her session on: what it may reach now is known at once. */
  const settle = ({ me, ...made }: NewFactor): { recoveryCodes?: string[] } => {
    client.setQueryData(meQuery.queryKey, me);
    return made;
  };
  return {
    addPasskey: useMutation({
      mutationFn: async (name: string) => {
        const passkey = await makePasskey();
        return settle(await api.post<NewFactor>('/auth/passkeys', { name, passkey }));
      },
      onSettled,
    }),
    renamePasskey: useMutation({
      mutationFn: ({ id, name }: { id: string; name: string }) =>
        api.patch<void>(`/auth/passkeys/${id}`, { name }),
      onSettled,
    }),
    removePasskey: useMutation({
      mutationFn: (id: string) => api.remove(`/auth/passkeys/${id}`),
      onSettled,
    }),
    beginTotp: useMutation({ mutationFn: () => api.post<NewTotp>('/auth/totp') }),
    confirmTotp: useMutation({
      mutationFn: async (code: string) =>
        settle(await api.post<NewFactor>('/auth/totp/confirm', { code })),
      onSettled,
    }),
    removeTotp: useMutation({ mutationFn: () => api.remove('/auth/totp'), onSettled }),
    renewCodes: useMutation({
      mutationFn: () => api.post<RecoveryCodes>('/auth/recovery-codes'),
      onSettled,
    }),
  };
}

export function useDevices() {
  const client = useQueryClient();
  const onSettled = () => client.invalidateQueries({ queryKey: devicesQuery.queryKey });
  return {
    rename: useMutation({
      mutationFn: ({ id, name }: { id: string; name: string }) =>
        api.patch<void>(`/auth/devices/${id}`, { name }),
      onSettled,
    }),
    remove: useMutation({
      mutationFn: (id: string) => api.remove(`/auth/devices/${id}`),
      onSettled,
    }),
    removeOthers: useMutation({ mutationFn: () => api.remove('/auth/devices'), onSettled }),
  };
}

export function useUpdateMe() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: UpdateMeRequest) => api.patch<Me>('/auth/me', change),
    onSuccess: (me) => {
      client.setQueryData(meQuery.queryKey, me);
      void client.invalidateQueries({ queryKey: ['account'] });
    },
  });
}

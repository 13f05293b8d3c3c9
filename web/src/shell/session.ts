/** Who is signed in, as one query; signing in and out, and what an ended session does to the page. */
import { type QueryClient, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import type { AuthenticationResponseJSON } from '@simplewebauthn/browser';
import type {
  DemoAccounts,
  FactorProof,
  Me,
  SecondFactor,
  SecondFactorResponse,
  SignInResponse,
  SignInRole,
} from '@afar/access/contract';
import { api, ApiError, watch } from '../kit/api.ts';
import { browserZone } from '../kit/time.ts';

export const meQuery = queryOptions({
  queryKey: ['me'],
  staleTime: 5 * 60_000,
  // Who is here is asked even without a network: the answer "cannot be reached" is a page of its own.
  networkMode: 'always',
  retry: (count, error) => error instanceof ApiError && error.status >= 500 && count < 2,
  queryFn: async ({ signal, client }): Promise<Me | null> => {
    try {
      const me = await api.get<Me | undefined>('/auth/me', { signal });
      // Nobody is an answer; where somebody was, her session has ended.
      if (!me && client.getQueryData(['me'])) say('idle');
      return me ?? null;
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null;
      throw error;
    }
  },
});

/** The person signed in. Only inside a surface, where the guard has made sure of her. */
export function useMe(): Me {
  const { data } = useQuery(meQuery);
  if (!data) throw new Error('this page needs a session');
  return data;
}

/** The zone and language in which she reads every time on screen. */
export function useReader(): { zone: string; locale: string } {
  const { data } = useQuery(meQuery);
  return { zone: data?.zone ?? browserZone(), locale: readerLocale(data?.locale) };
}

/** Formats follow the page's language; the account's region is used when it is of that language. */
function readerLocale(account: string | undefined): string {
  const page = document.documentElement.lang || 'en';
  for (const locale of [account, navigator.language])
    if (locale?.toLowerCase().startsWith(page)) return locale;
  return page;
}

const homes: Record<SignInRole, '/patient' | '/clinician' | '/emergency' | '/office' | '/auditor'> =
  {
    patient: '/patient',
    practitioner: '/clinician',
    trainee: '/clinician',
    nurse: '/clinician',
    resident: '/clinician',
    pharmacist: '/clinician',
    paramedic: '/emergency',
    administrator: '/office',
    auditor: '/auditor',
  };

export const homeOf = (role: SignInRole): (typeof homes)[SignInRole] => homes[role];

export const demoQuery = queryOptions({
  queryKey: ['demo-accounts'],
  staleTime: Infinity,
  retry: false,
  queryFn: async ({ signal }): Promise<DemoAccounts | null> => {
    try {
      return await api.get<DemoAccounts>('/auth/demo', { signal });
    } catch {
      return null; // outside demo mode, or not on loopback: there is no such panel
    }
  },
});

/** What may be asked for after the password. */
export interface NeedsFactor {
  methods: SecondFactor[];
}

/** The ways in, and the way out. */
export function useSession() {
  const client = useQueryClient();
  const settle = (me: Me): Me => {
    client.clear(); // nothing of whoever was here before
    watch.session += 1;
    say(undefined);
    client.setQueryData(meQuery.queryKey, me);
    return me;
  };
  return {
    settle,
    async signIn(email: string, password: string): Promise<Me | NeedsFactor> {
      const answer = await api.post<SignInResponse>('/auth/sign-in', { email, password });
      return answer.status === 'signed-in' ? settle(answer.me) : answer;
    },
    async secondFactor(proof: FactorProof): Promise<Me> {
      return settle((await api.post<SecondFactorResponse>('/auth/second-factor', proof)).me);
    },
    /** A passkey alone. */
    async passkey(shown: AuthenticationResponseJSON): Promise<Me> {
      const answer = await api.post<SignInResponse>('/auth/passkey', { passkey: shown });
      if (answer.status !== 'signed-in') throw new ApiError(401);
      return settle(answer.me);
    },
    /** The last step of a forgotten password. */
    async newPassword(password: string): Promise<Me> {
      const answer = await api.post<SignInResponse>('/auth/forgotten/password', { password });
      if (answer.status !== 'signed-in') throw new ApiError(401);
      return settle(answer.me);
    },
    async demo(email: string): Promise<Me> {
      const answer = await api.post<SignInResponse>('/auth/demo', { email });
      if (answer.status !== 'signed-in') throw new ApiError(401);
      return settle(answer.me);
    },
    async signOut(): Promise<void> {
      await api.post('/auth/sign-out').catch(() => undefined);
      client.clear();
      client.setQueryData(meQuery.queryKey, null);
    },
  };
}

type Ended = 'idle' | 'revoked';
let ended: Ended | undefined;
const listeners = new Set<() => void>();

/** To have been signed out from afar is the last word, whichever answer comes first: the browser throws its cookies away before that one is read. */
function say(why: Ended | undefined): void {
  if (why === 'idle' && ended === 'revoked') return;
  ended = why;
  // Answers still on their way may say more than the one that ended the session.
  watch.ended = why !== undefined;
  for (const listener of listeners) listener();
}

/** Any 401 while signed in ends the session on this page: the guard then shows the sign-in page. */
export function sessionEnded(client: QueryClient, why: Ended = 'idle'): void {
  const here = client.getQueryData(meQuery.queryKey);
  if (here || why === 'revoked') say(why);
  if (!here) return;
  client.clear();
  client.setQueryData(meQuery.queryKey, null);
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

/** How the last session ended, where it was not the person's doing; until somebody signs in. */
export const useEnded = (): Ended | undefined => useSyncExternalStore(subscribe, () => ended);

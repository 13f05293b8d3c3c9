/** Who is signed in, as one query; signing in and out, and what an ended session does to the page. */
import { type QueryClient, queryOptions, useQuery, useQueryClient } from '@tanstack/react-query';
import type {
  DemoAccounts,
  Me,
  SecondFactorResponse,
  SignInResponse,
  SignInRole,
} from '@afar/access/contract';
import { api, ApiError } from '../kit/api.ts';
import { browserZone } from '../kit/time.ts';

export const meQuery = queryOptions({
  queryKey: ['me'],
  staleTime: 5 * 60_000,
  // Who is here is asked even without a network: the answer "cannot be reached" is a page of its own.
  networkMode: 'always',
  retry: (count, error) => error instanceof ApiError && error.status >= 500 && count < 2,
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return await api.get<Me>('/auth/me', { signal });
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

const homes: Record<SignInRole, '/patient' | '/clinician' | '/office' | '/auditor'> = {
  patient: '/patient',
  practitioner: '/clinician',
  trainee: '/clinician',
  nurse: '/clinician',
  resident: '/clinician',
  pharmacist: '/clinician',
  paramedic: '/clinician',
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

/** The three ways in, and the way out. */
export function useSession() {
  const client = useQueryClient();
  const settle = (me: Me): Me => {
    client.clear(); // nothing of whoever was here before
    client.setQueryData(meQuery.queryKey, me);
    return me;
  };
  return {
    async signIn(email: string, password: string): Promise<Me | 'second-factor'> {
      const answer = await api.post<SignInResponse>('/auth/sign-in', { email, password });
      return answer.status === 'signed-in' ? settle(answer.me) : 'second-factor';
    },
    async secondFactor(code: string): Promise<Me> {
      return settle((await api.post<SecondFactorResponse>('/auth/second-factor', { code })).me);
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

let endedByItself = false;

/** Any 401 while signed in ends the session on this page: the guard then shows the sign-in page. */
export function sessionEnded(client: QueryClient): void {
  if (!client.getQueryData(meQuery.queryKey)) return;
  endedByItself = true;
  client.clear();
  client.setQueryData(meQuery.queryKey, null);
}

/** Whether the last session ended without the person's doing; asking clears it. */
export function takeEnded(): boolean {
  const was = endedByItself;
  endedByItself = false;
  return was;
}

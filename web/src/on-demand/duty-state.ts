/** What a clinician said of herself in this browser tab, and the word of it every half minute. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useSyncExternalStore } from 'react';
import type { PresenceRequest, PresenceView } from '@afar/visits/contract';
import { api } from '../kit/api.ts';
import { poolQuery, presenceQuery } from './queries.ts';

export type Duty = 'off' | 'on' | 'away';

const everyMs = 30_000;
const storageKey = 'afar.duty';

const listeners = new Set<() => void>();
let duty: Duty = remembered();

/** A reload keeps it; another day, another tab begins anew. */
function remembered(): Duty {
  try {
    const kept = sessionStorage.getItem(storageKey);
    return kept === 'on' || kept === 'away' ? kept : 'off';
  } catch {
    return 'off';
  }
}

export function setDuty(next: Duty): void {
  duty = next;
  try {
    sessionStorage.setItem(storageKey, next);
  } catch {
    // Without storage it lasts as long as the page.
  }
  for (const listener of listeners) listener();
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener);
  return () => listeners.delete(listener);
};

export const useDuty = (): Duty => useSyncExternalStore(subscribe, () => duty);

const bodyOf = (said: Duty): PresenceRequest => ({ away: said === 'away', onDuty: said === 'on' });

/** Says it now, at every change, and every half minute while the page is open. @returns whether the last word was lost */
export function usePresenceWord(): { lost: boolean } {
  const said = useDuty();
  const client = useQueryClient();
  const word = useMutation({
    // One after another: a slow word of before must not be heard after the newest.
    scope: { id: 'presence' },
    mutationFn: (body: PresenceRequest) => api.put<PresenceView>('/api/presence', body),
    onSuccess: (view) => {
      client.setQueryData([...presenceQuery.queryKey], view);
      // Who waits for anybody is shown to those on duty, and may have been asked for a moment too early.
      void client.invalidateQueries({ queryKey: poolQuery.queryKey });
    },
  });
  const say = useEffectEvent(() => word.mutate(bodyOf(said)));
  useEffect(() => {
    say();
    const timer = setInterval(say, everyMs);
    return () => clearInterval(timer);
  }, [said]);
  return { lost: word.isError };
}

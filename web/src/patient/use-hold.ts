/** A time kept for her while she writes: asked for when she picks it, let go when she leaves, honest when it lapsed. */
import { useMutation } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import type { Hold, HoldRequest } from '@afar/visits/contract';
import { isTaken } from '../kit/another-time.ts';
import { api } from '../kit/api.ts';
import { useNow } from '../kit/use-now.ts';

/** Long enough to write three sentences on a phone; a time that nobody takes is not kept from others for longer. */
const minutes = 5;
/** The server's end is a little later than ours: what the screen calls kept is kept. */
const spare = 3_000;

interface Kept {
  id: string;
  slotId: string;
  /** Ms since epoch by this device's own clock, which may be wrong: it is only compared with itself. */
  until: number;
}

export interface Holding {
  /** Id of the hold, while it lasts. */
  id: string | undefined;
  /** Ms left; undefined while nothing is kept. */
  left: number | undefined;
  /** It was kept, and is not any longer. */
  lapsed: boolean;
  /** Somebody else was faster. */
  taken: boolean;
  pending: boolean;
  keep(ask: HoldRequest): void;
  /** The booking has used it up. */
  used(): void;
}

export function useHold(onTaken: () => void): Holding {
  const now = useNow(1_000);
  const [kept, setKept] = useState<Kept>();
  const ask = useMutation({
    mutationFn: async (body: HoldRequest): Promise<Kept> => {
      const until = Date.now() + minutes * 60_000 - spare;
      const { id, slotId } = await api.post<Hold>('/api/holds', { ...body, minutes });
      return { id, slotId, until };
    },
    onSuccess: setKept,
    onError: (error) => {
      setKept(undefined);
      if (isTaken(error)) onTaken();
    },
  });
  const letGo = useEffectEvent(() => {
    if (kept) void api.remove(`/api/holds/${kept.id}`).catch(() => undefined); // it lapses by itself
  });
  useEffect(() => () => letGo(), []);

  const left = kept && kept.until - now;
  const lasts = left !== undefined && left > 0;
  return {
    id: lasts ? kept!.id : undefined,
    left: lasts ? left : undefined,
    lapsed: left !== undefined && left <= 0,
    taken: ask.isError && isTaken(ask.error),
    pending: ask.isPending,
    keep: (body) => ask.mutate(body),
    used: () => setKept(undefined),
  };
}

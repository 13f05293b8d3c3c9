/** Following a visit without media: its state and the place in the queue, as they change [signalling.md W]. */
import { useEffect, useEffectEvent, useState } from 'react';
import type { ServerMessage, WaitingStatus } from '@afar/visits/contract';
import { api } from '../kit/api.ts';

/** The server speaks at least every 15 s while waiting [W2]; two missed and the socket is dead. */
const silence = 35_000;
const pauses = [300, 500, 1000, 2000, 4000];
const forGood = new Set([4404, 4400, 4403]);

export interface Watched {
  status?: WaitingStatus;
  /** False while the way to the clinic is cut. */
  reachable: boolean;
}

interface Options {
  /** True for the patient: without a socket her presence is told by plain requests. */
  heartbeat: boolean;
  onStatus: (status: WaitingStatus) => void;
  onReachable: (now: boolean) => void;
}

/** Follows until the returned function is called. */
export function watchVisit(visit: string, options: Options): () => void {
  let socket: WebSocket | undefined;
  let tries = 0;
  let stopped = false;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let quiet: ReturnType<typeof setTimeout> | undefined;

  const later = (): void => {
    if (stopped) return;
    clearTimeout(retry);
    retry = setTimeout(
      open,
      pauses[Math.min(tries++, pauses.length - 1)]! * (0.75 + Math.random() / 2),
    );
  };

  const listenAgain = (): void => {
    clearTimeout(quiet);
    quiet = setTimeout(() => socket?.close(), silence);
  };

  const beat = async (): Promise<void> => {
    if (stopped || socket?.readyState === WebSocket.OPEN) return;
    try {
      options.onStatus(await api.post<WaitingStatus>(`/api/visits/${visit}/heartbeat`));
    } catch {
      // The banner says already that the line is cut; the next beat or the socket mends it.
    }
  };

  function open(): void {
    if (stopped) return;
    const address = new URL(`/api/visits/${visit}/socket`, location.href);
    address.protocol = address.protocol.replace('http', 'ws');
    const mine = new WebSocket(address);
    socket = mine;
    mine.addEventListener('open', () => {
      mine.send(JSON.stringify({ type: 'watch' }));
      listenAgain();
    });
    mine.addEventListener('message', (event) => {
      const message = JSON.parse(String(event.data)) as ServerMessage;
      if (!('type' in message) || message.type !== 'status') return;
      tries = 0;
      listenAgain();
      options.onReachable(true);
      options.onStatus(message);
    });
    mine.addEventListener('close', (event) => {
      clearTimeout(quiet);
      if (stopped || socket !== mine) return;
      socket = undefined;
      if (forGood.has(event.code)) return;
      options.onReachable(false);
      later();
    });
  }

  const hurry = (): void => {
    tries = 0;
    if (!socket) open();
  };
  addEventListener('online', hurry);
  const beats = options.heartbeat ? setInterval(() => void beat(), 20_000) : undefined;
  open();
  return () => {
    stopped = true;
    clearTimeout(retry);
    clearTimeout(quiet);
    clearInterval(beats);
    removeEventListener('online', hurry);
    socket?.close();
  };
}

/** The same for a component; `follow` false stops it, `onStatus` hears every change. */
export function useWatchedVisit(
  visit: string,
  follow: boolean,
  heartbeat: boolean,
  onStatus?: (status: WaitingStatus) => void,
): Watched {
  const heard = useEffectEvent((status: WaitingStatus) => onStatus?.(status));
  const [watched, setWatched] = useState<Watched>({ reachable: true });
  useEffect(() => {
    if (!follow) return undefined;
    return watchVisit(visit, {
      heartbeat,
      onStatus: (status) => {
        setWatched((before) => ({ ...before, status }));
        heard(status);
      },
      onReachable: (reachable) => setWatched((before) => ({ ...before, reachable })),
    });
  }, [visit, follow, heartbeat]);
  return watched;
}

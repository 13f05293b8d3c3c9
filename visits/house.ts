/** What every use case of the room is handed: ports, settings, and the events it may tell other processes. */
import type { VisitsDeps } from './create-visits.ts';
import type { VisitsConfig } from './config.ts';
import type { Directory } from './directory.ts';
import type { RevokeReason, RoomEvent } from './messages.ts';

export type House = Omit<VisitsDeps, 'config'> & { config: VisitsConfig; directory: Directory };

/** A visit changed: state, place in the queue, presence. Ids only. */
export interface VisitChanged {
  tenant: number;
  visit: string;
  clinician: string;
}

/** Seats were taken away: the whole room's, or one person's. */
export interface SeatsRevoked {
  tenant: number;
  visit: string;
  reason: RevokeReason;
  person?: string;
  /** Only this connection (a seat taken over elsewhere). */
  connection?: string;
}

/** A message waits for a peer, or a roster changed. */
export interface RoomStirred {
  tenant: number;
  visit: string;
  /** Who has something to read; absent: the roster changed. */
  receiver?: string;
  /** Up to which number: whoever read further has nothing to look for. */
  n?: number;
}

/** Something happened that everybody seated hears of; ids and states only. */
export interface RoomHappened {
  tenant: number;
  visit: string;
  event: RoomEvent;
}

export const channels = {
  changed: 'visits.changed',
  revoked: 'visits.revoked',
  stirred: 'visits.stirred',
  happened: 'visits.happened',
} as const;

/** Hints only: a lost one is made good by sweeps and renewals, so a failure to tell fails nothing. */
export function tell(
  house: House,
  channel: keyof typeof channels,
  payload: VisitChanged | SeatsRevoked | RoomStirred | RoomHappened,
): void {
  house.events
    .publish(channels[channel], payload)
    .catch((error: unknown) => house.log.warn({ err: error, channel }, 'an event was not sent'));
}

export const iso = (ms: number): string => new Date(ms).toISOString();

/** What every part of the subscriptions holds in common. */
import type { Access } from '@afar/access';
import type { Clock, Db, Events, KeyRing, Log } from '@afar/platform';
import type { Records } from '@afar/records';
import type { Outbound } from '../outbound/index.ts';
import type { Limits } from './limits.ts';

export interface House {
  db: Db;
  keys: KeyRing;
  clock: Clock;
  access: Access;
  records: Records;
  events: Events;
  log: Log;
  outbound: Outbound;
  /** Without a slash at its end. */
  baseUrl: string;
  /** A tenant's own; default: `baseUrl` for all. */
  baseUrlOf?(tenant: number): string;
  limits: Limits;
  /** This process, for leases. */
  self: string;
}

/** Hints between processes: something is to be matched anew, or to be delivered. */
export const channel = 'exchange.subscriptions';

/** Never waits, never fails: who misses it looks every second anyway. */
export function tell({ events, log }: Pick<House, 'events' | 'log'>): void {
  events
    .publish(channel, {})
    .catch((error: unknown) => log.debug({ err: error }, 'an event was lost: polling covers it'));
}

/** A tenant's public address. */
export const baseOf = (
  { baseUrl, baseUrlOf }: Pick<House, 'baseUrl' | 'baseUrlOf'>,
  tenant: number,
): string => (baseUrlOf ? baseUrlOf(tenant) : baseUrl);

export const fhirUrl = (house: Pick<House, 'baseUrl' | 'baseUrlOf'>, tenant: number): string =>
  `${baseOf(house, tenant)}/fhir/R4`;

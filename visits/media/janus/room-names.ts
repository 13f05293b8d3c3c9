/** Names, secrets and pins of rooms: made from one key, so that every process finds the same room and nobody else can guess one. */
import { createHmac } from 'node:crypto';
import type { RoomRef } from '../port.ts';

export interface RoomNames {
  room: string;
  /** Whoever holds it may throw people out and end the room. */
  secret: string;
  /** Whoever holds it may join. */
  pin: string;
}

export function roomNames(key: string, { tenant, visit }: RoomRef): RoomNames {
  const made = (what: string): string =>
    createHmac('sha256', key).update(`${what}|${tenant}|${visit}`).digest('hex').slice(0, 40);
  return { room: made('room'), secret: made('secret'), pin: made('pin') };
}

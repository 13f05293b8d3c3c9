/** Ids and hashes of the room. */
import { createHash, randomBytes, randomUUID } from 'node:crypto';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** True for a lower-case uuid, the only form of an id the house makes. */
export const isUuid = (text: string): boolean => uuid.test(text);

/** A UUIDv7 of an instant [RFC 9562 5.7]: sorts by time. */
export function newId(at: number): string {
  const time = at.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8, 12)}-7${randomUUID().slice(15)}`;
}

/** The instant inside a UUIDv7, ms since epoch. */
export function instantOf(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** 256 random bits for a cookie or a token. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

export const sha256 = (...parts: (string | Uint8Array)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

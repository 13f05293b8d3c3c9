/** Ids and hashes of the room. */
import { hash, randomBytes, randomUUID } from 'node:crypto';

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

/** Of the parts behind one another. The one-shot form costs a third of a Hash object. */
export const sha256 = (...parts: (string | Uint8Array)[]): Buffer =>
  hash('sha256', parts.length === 1 ? parts[0]! : Buffer.concat(parts.map(bytesOf)), 'buffer');

const bytesOf = (part: string | Uint8Array): Uint8Array =>
  typeof part === 'string' ? Buffer.from(part) : part;

/** The ids of an import: the same resource of the same source gets the same id, in every run. */
import { createHmac } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/**
 * A UUID made of a name, as in UUIDv5, but under the clinic's own key: a full URL may hold a record number, and a plain
 * hash of that could be guessed by trying. Version 8 [RFC 9562 5.8].
 */
export function derivedId(key: KeyObject, name: string): string {
  const bytes = createHmac('sha256', key).update(`import ${name}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}

/** What is unique the world over needs no source: a urn:uuid, a urn:oid, an absolute address. */
function isGlobal(url: string): boolean {
  return /^(urn:|https?:)/i.test(url);
}

/**
 * The name an id is derived from.
 * @param source label of the place the files come from: two places may both have a `Patient/1`
 * @param url full URL of an entry, or `Type/id`
 */
export function nameOf(source: string, url: string): string {
  return isGlobal(url) ? url : `${source} ${url}`;
}

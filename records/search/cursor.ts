/** The cursor of a page address: the whole query and the last row scanned, sealed for one caller. */
import type { Caller } from '@afar/access';
import { Refusal } from '@afar/fhir';
import type { DataKey } from '@afar/platform';
import { aad, open, seal } from '@afar/platform';
import type { SortKeys } from './page.ts';

/** Short keys: the cursor is part of an address. */
export interface Cursor {
  /** The parameters as first asked: a page address says nothing in the clear. */
  p: [string, string][];
  /** Sort value of the last row scanned; null when it has none. */
  k: SortKeys | string | number | null;
  /** Its id; for a virtual type the provider's own key. */
  r: string;
  /** In a search of several types: the type it is of. */
  t?: string;
}

/** Opaque, and of no use to anyone else: the caller and the type are part of the seal. */
export function sealCursor(cursor: Cursor, type: string, caller: Caller, key: DataKey): string {
  return seal(JSON.stringify(cursor), key, context(type, caller)).toString('base64url');
}

/** @throws Refusal `invalid` for a cursor that is broken, of another caller or of another type */
export function openCursor(text: string, type: string, caller: Caller, key: DataKey): Cursor {
  try {
    const plain = open(Buffer.from(text, 'base64url'), key, context(type, caller));
    return JSON.parse(plain.toString()) as Cursor;
  } catch {
    throw new Refusal('invalid', {
      diagnostics: 'This page address is not valid: begin the search again',
    });
  }
}

function context(type: string, caller: Caller): Buffer {
  return aad('search cursor', caller.tenant, caller.id, type);
}

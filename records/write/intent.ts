/** What somebody wants done with one resource, before it is decided and sealed. */
import type { Resource } from '@afar/fhir';
import type { CurrentRow } from '../read/rows.ts';
import type { Stored, WriteVerb } from '../types.ts';

/** The version a write stands on: visible to the caller. */
export interface Current {
  row: CurrentRow;
  stored: Stored;
}

export interface Intent {
  verb: WriteVerb;
  type: string;
  /** The id in the address, and in the body. */
  id: string;
  rid: string;
  /** Absent for a DELETE. References lead to `Type/id` or outside: nothing conditional, no urn:uuid. */
  resource?: Resource;
  /** Absent when the id is new to the caller. */
  current?: Current;
}

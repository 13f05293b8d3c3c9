/** What a batch or transaction told its caller beside what it wrote: for the request's own event in the trail. */
import type { Stored } from '../types.ts';

export interface Disclosed {
  /** Owners of everything that was read, found or matched. Writes leave events of their own. */
  patients: Set<string>;
  /** Names of search parameters, never values. */
  params: Set<string>;
}

export const nothingDisclosed = (): Disclosed => ({ patients: new Set(), params: new Set() });

/** A version that goes out: nothing to note when this very request wrote it, in a transaction with its event. */
export function noteStored(disclosed: Disclosed, { owner, written }: Stored): void {
  if (owner && !written) disclosed.patients.add(owner);
}

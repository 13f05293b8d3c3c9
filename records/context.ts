/** What every part of the room holds in common: its ports, the vault and the memory of keys and aliases. */
import type { Caller } from '@afar/access';
import type { Bundle } from '@afar/fhir';
import type { Queryable } from '@afar/platform';
import type { RecordsDeps, Terminology, VirtualProvider } from './types.ts';
import type { Aliases } from './aliases.ts';
import type { Conformance } from './conformance/conformance.ts';
import type { OwnerKeys } from './owner-keys.ts';
import type { Gathered } from './write/gather.ts';
import type { Parameters } from './parameters/registry.ts';
import type { Points } from './read/points.ts';
import type { Listed } from './search/listed.ts';
import type { Newest } from './search/newest.ts';
import type { Vault } from './vault.ts';

export interface RecordsContext extends RecordsDeps {
  /** Seals and opens bodies. */
  vault: Vault;
  /** Ids that are no UUIDs. */
  aliases: Aliases;
  /** Which key is whose. */
  ownerKeys: OwnerKeys;
  virtuals: ReadonlyMap<string, VirtualProvider>;
  /** Who knows the codes behind value sets; undefined until a room says it does. */
  terminology: () => Terminology | undefined;
  /** Profiles: what a resource claims is checked when it is written. */
  conformance: Conformance;
  /** Search parameters of a clinic's own. */
  parameters: Parameters;
  points: Points;
  newest: Newest;
  listed: Listed;
  gathered: Gathered;
}

/** A search inside (`sql` is a transaction) or outside a write. */
export type Find = (
  sql: Queryable,
  caller: Caller,
  type: string,
  params: [string, string][],
  opts?: {
    strict?: boolean;
    /** Told the patients whose data the answer holds. */
    owners?: (patients: string[]) => void;
  },
) => Promise<Bundle>;

/** With search on top, which itself stands on the rest. */
export interface StoreContext extends RecordsContext {
  find: Find;
}

/** What every part of the room holds in common: its ports, the vault and the memory of keys and aliases. */
import type { RecordsDeps, VirtualProvider } from './types.ts';
import type { Aliases } from './aliases.ts';
import type { OwnerKeys } from './owner-keys.ts';
import type { Vault } from './vault.ts';

export interface RecordsContext extends RecordsDeps {
  /** Seals and opens bodies. */
  vault: Vault;
  /** Ids that are no UUIDs. */
  aliases: Aliases;
  /** Which key is whose. */
  ownerKeys: OwnerKeys;
  virtuals: ReadonlyMap<string, VirtualProvider>;
}

/** Keys: who wraps them, where they lie, and the ring that hands them out. */
export { KeyErased, KeyUnavailable } from './errors.ts';
export { freshKey, type DataKey } from './data-key.ts';
export { localKeyProvider, type KeyProvider, type LocalKeyProvider } from './provider.ts';
export type { KeyAdmin, KeyStatus } from './admin.ts';
export { openKeyRing, type KeyRing, type KeyRingOptions } from './ring.ts';
export {
  columnCensus,
  countedColumn,
  givingWay,
  sealedTable,
  type SealedStore,
  type Walk,
  type Walked,
} from './sealed-store.ts';
export { keyProviderOf, providerKinds, type ProviderSource } from './providers/choose.ts';
export { backupKeystore, restoreKeystore, type BackupHead } from './backup.ts';

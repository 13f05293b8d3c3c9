/** The door of records: the FHIR record store. */
import type { Migrations } from '@afar/platform';

export type {
  Change,
  CreateOptions,
  HistoryPage,
  Patch,
  PatchOperation,
  Records,
  RecordsDeps,
  RecordTx,
  SearchCallOptions,
  Stored,
  Terminology,
  UpdateOptions,
  VirtualProvider,
  WriteVerb,
} from './types.ts';
export type { Grants } from './grants.ts';
export type { Holder } from './holders.ts';
export type { Speaking } from './speaking.ts';
export { reachChannel, type ReachChanged } from './reach-changes.ts';
export type {
  Operation,
  OperationAnswer,
  OperationCall,
  OperationLevel,
} from './operations/operation.ts';
export type { Inputs } from './operations/inputs.ts';
export type { ChartWalk, TypeWalk, WalkFilter, WalkKey, WalkPage, Walks } from './walk/walk.ts';
export { isFoundByChart, mayWalk } from './walk/walk.ts';
export { chartTypes } from './walk/compartment-params.ts';
export { createRecords } from './create-records.ts';
export { accountsSpeakingFor } from './spoken-for.ts';
export * from './import/index.ts';
export { loadPackage } from './conformance/load-package.ts';
export type { PackageProgress, PackageReport } from './conformance/load-package.ts';
export {
  census,
  erasedChannel,
  erasureReasons,
  progressOf,
  retireUnused,
  sealedUnderOwner,
  type ErasureReason,
} from './rotation/index.ts';
export { keyWorkOf, type KeyWork } from './rotation/key-work.ts';

export const recordsMigrations: Migrations = {
  room: 'records',
  dir: new URL('./migrations', import.meta.url).pathname,
};

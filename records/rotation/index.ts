/** Rotation and erasure of keys, over what is sealed and indexed with them. */
export {
  erasedChannel,
  erasePatient,
  erasureReasons,
  onErased,
  type Erased,
  type ErasureReason,
  type Erasing,
} from './erase.ts';
export { sealedUnderOwner } from './owner-family.ts';
export { progressOf, type Progress, type RotationKind } from './progress.ts';
export { census, retireUnused, rotateData, type DataRotation } from './rotate-data.ts';
export { rotateIndex, type IndexRotation } from './rotate-index.ts';
export { recordsSealedStores } from './stores.ts';
export { keysChannel, type Turning } from './turn.ts';

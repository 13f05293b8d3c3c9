/** Objects: large sealed things, in chunks, with range reads. */
export { diskObjects } from './disk.ts';
export {
  ObjectBroken,
  ObjectMissing,
  ObjectTooLarge,
  type ByteRange,
  type ObjectMeta,
  type ObjectStore,
} from './object-store.ts';
export { sealedObjects } from './census.ts';

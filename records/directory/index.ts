/** The directory: who is who, sealed in the database and searched in memory. */
export {
  directoryPlace,
  directoryRow,
  directoryTypes,
  sealDirectoryRow,
  openDirectoryRow,
} from './entry.ts';
export type { DirectoryEntry } from './entry.ts';
export { createDirectory, tailText } from './directory.ts';
export type { Found } from './register.ts';
export type { Directory, DirectoryQuery, Overlay, TailRow } from './directory.ts';

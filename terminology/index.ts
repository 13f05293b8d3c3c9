/** The door of terminology: code systems, value sets, maps. */
import type { Migrations } from '@afar/platform';

export { createTerminology } from './create-terminology.ts';
export type { TerminologyDeps, TerminologyRoom } from './create-terminology.ts';
export { listSystems, loadSystem, removeSystem } from './load/load.ts';
export type { Listed, LoadDeps, Loaded, LoadOptions, Progress } from './load/load.ts';
export { LoadFault } from './load/files.ts';
export { loaders } from './load/loaders.ts';

export const terminologyMigrations: Migrations = {
  room: 'terminology',
  dir: new URL('./migrations', import.meta.url).pathname,
};

/** The door of terminology: code systems, value sets, maps. */
import type { Migrations } from '@afar/platform';

export { createTerminology } from './create-terminology.ts';
export type { TerminologyDeps, TerminologyRoom } from './create-terminology.ts';

export const terminologyMigrations: Migrations = {
  room: 'terminology',
  dir: new URL('./migrations', import.meta.url).pathname,
};

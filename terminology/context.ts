/** What the operations hold in common. */
import type { Clock } from '@afar/platform';
import type { Catalogue } from './loaded/catalogue.ts';
import type { Sources } from './sources.ts';
import type { Stored } from './stored/stored.ts';

export interface Context {
  readonly sources: Sources;
  readonly catalogue: Catalogue;
  readonly stored: Stored;
  readonly clock: Clock;
}

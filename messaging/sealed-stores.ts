/** What this room keeps sealed, for rotations of keys. */
import type { SealedStore } from '@afar/platform';

export const messagingSealedStores: readonly SealedStore[] = [];

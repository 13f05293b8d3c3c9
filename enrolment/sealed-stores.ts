/** What this room keeps sealed, for rotations of keys. */
import { countedColumn, type SealedStore } from '@afar/platform';

export const enrolmentSealedStores: readonly SealedStore[] = [
  // Gone within the hour.
  countedColumn({
    name: 'enrolment.proof',
    table: 'enrolment.proof',
    column: 'sealed',
    fate: 'expires',
  }),
];

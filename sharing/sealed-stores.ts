/** What this room keeps sealed, for rotations of keys. */
import { sealedTable, type SealedStore } from '@afar/platform';
import { bindGlass } from './break-glass/store.ts';
import { linkStores } from './links/sealed.ts';

/** The words of who opened a chart in an emergency, and of who asked why; under the clinic's key. */
const glass = (column: 'sealed' | 'question'): SealedStore =>
  sealedTable<{ id: string; patient: string; account: string }>({
    name: `sharing.break_glass ${column}`,
    table: 'sharing.break_glass',
    column,
    fate: 'resealed',
    id: { id: 'uuid' },
    columns: ['t.patient', 't.account'],
    bind: (tenant, row) => bindGlass(tenant, column === 'sealed' ? 'reason' : 'question', row),
  });

export const sharingSealedStores: readonly SealedStore[] = [
  glass('sealed'),
  glass('question'),
  ...linkStores,
];

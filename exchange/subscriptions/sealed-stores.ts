/** What subscriptions keep sealed under the clinic's key, for rotations of keys. */
import { sealedTable, type SealedStore } from '@afar/platform';
import { bind, bindEvent, type Bound } from './rows.ts';

export const subscriptionSealedStores: readonly SealedStore[] = [
  sealedTable<Bound>({
    name: 'exchange.subscription',
    table: 'exchange.subscription',
    column: 'sealed',
    fate: 'resealed',
    id: { id: 'uuid' },
    columns: ['t.tenant', 't.creator', 't.version', 't.status', 't.channel'],
    bind: (_tenant, row) => bind(row),
  }),
  sealedTable<{ subscription: string; number: number }>({
    name: 'exchange.subscription_event',
    table: 'exchange.subscription_event',
    column: 'sealed',
    fate: 'resealed',
    id: { subscription: 'uuid', number: 'bigint' },
    bind: (tenant, { subscription, number }) => bindEvent(tenant, subscription, number),
  }),
];

/** The door of exchange: bulk data, subscriptions, GraphQL. */
export { createExchange, exchangeMigrations } from './create-exchange.ts';
export type { Exchange, ExchangeDeps } from './create-exchange.ts';
export { createOutbound, OutboundError, parseRange } from './outbound/index.ts';
export type { OutboundSettings } from './outbound/index.ts';
export { subscriptionSealedStores as exchangeSealedStores } from './subscriptions/sealed-stores.ts';

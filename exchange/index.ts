/** The door of exchange: bulk data, subscriptions, GraphQL. */
export {};

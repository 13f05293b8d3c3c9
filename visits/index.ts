/** The door of the visits: scheduling, waiting room, signalling, note and summary. */
export { createVisits } from './create-visits.ts';
export type { Visits, VisitsDeps } from './create-visits.ts';
export { visitsSealedStores } from './sealed-stores.ts';
export { visitsMigrations } from './create-visits.ts';
export type { VisitsConfig } from './config.ts';
export { visitsDefaults } from './config.ts';
export { peerToPeer } from './media/p2p.ts';
export { janusMedia } from './media/janus/janus.ts';
export { configuredJanus, startJanus } from './media/janus/child.ts';
export type { JanusAccess, JanusServer } from './media/janus/child.ts';
export { liveKitMedia } from './media/livekit/index.ts';
export { configuredRelay, startCoturn, type Relay } from './media/turn/coturn.ts';
export { peerRange } from './media/turn/peers.ts';
export type * from './media/port.ts';
export type * from './media/negotiation.ts';
export type * from './contract.ts';

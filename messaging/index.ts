/** The door of messaging: secure threads between a patient and those who care for her. */
export {
  createMessaging,
  messagingMigrations,
  type Messaging,
  type MessagingDeps,
} from './create-messaging.ts';
export { messagingSealedStores } from './sealed-stores.ts';

/** The door of sharing: what lets others into a chart beside care: break-glass, share links; and who has been there. */
export {
  createSharing,
  sharingMigrations,
  type Sharing,
  type SharingDeps,
} from './create-sharing.ts';
export { sharingSealedStores } from './sealed-stores.ts';

/** The door of enrolment: how people come to the clinic: registration, verified addresses, dependants. */
export {
  createEnrolment,
  enrolmentMigrations,
  type Enrolment,
  type EnrolmentDeps,
} from './create-enrolment.ts';
export { enrolmentSealedStores } from './sealed-stores.ts';

/** The door of the demo clinic: a made-up practice, complete, the same every time, and as of today. */
export { demoClinic, type DemoClinic } from './demo-clinic.ts';
export type { DemoAccount, DemoBooking, DemoRole, DemoSchedule } from './types.ts';

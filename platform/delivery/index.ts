/** Delivery: the port, and the sealed outbox that stands in where no gateway is configured. */
export type { Delivery, Mail, Push, Sms } from './delivery.ts';
export { fileOutbox, type Delivered, type Outbox } from './file-outbox.ts';

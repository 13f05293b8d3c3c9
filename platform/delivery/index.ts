/** Delivery: the port, its gateways, and the sealed outbox that stands in where none is configured. */
export {
  DeliveryFailed,
  type Channel,
  type Delivery,
  type Mail,
  type Push,
  type Sms,
} from './delivery.ts';
export { fileOutbox, type Delivered, type Outbox } from './file-outbox.ts';
export { gateways, type GatewayOptions } from './gateways.ts';
export { isMailAddress, parseSender, type SmtpOptions } from './smtp.ts';
export { defaultSmsBody, isPhoneNumber, smsBodyFault, type SmsOptions } from './sms-gateway.ts';
export {
  parseSubscription,
  type PushOptions,
  type PushPost,
  type PushSubscription,
} from './push.ts';
export { sealedVapid, vapidKeys, type VapidKeys } from './vapid.ts';

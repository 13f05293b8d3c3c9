/** Delivery put together of the gateways that are configured; what has none goes to the outbox, or nowhere. */
import { DeliveryFailed, type Channel, type Delivery } from './delivery.ts';
import { pushGateway, type PushOptions } from './push.ts';
import { smsGateway, type SmsOptions } from './sms-gateway.ts';
import { smtpGateway, type SmtpOptions } from './smtp.ts';

export interface GatewayOptions {
  smtp?: SmtpOptions | undefined;
  sms?: SmsOptions | undefined;
  push?: PushOptions | undefined;
  /** Takes what has no gateway, in demo mode. */
  outbox?: Delivery | undefined;
}

/** @throws Error on options that cannot stand */
export function gateways({ smtp, sms, push, outbox }: GatewayOptions): Delivery {
  const mailer = smtp && smtpGateway(smtp);
  const texter = sms && smsGateway(sms);
  const pusher = push && pushGateway(push);
  const channels: Channel[] = [];
  if (mailer ?? outbox) channels.push('mail');
  if (texter ?? outbox) channels.push('sms');
  if (pusher ?? outbox) channels.push('push');
  const none = () => Promise.reject(new DeliveryFailed('no-gateway', true));
  return {
    channels,
    mail: (message) => (mailer ?? outbox)?.mail(message) ?? none(),
    sms: (message) => (texter ?? outbox)?.sms(message) ?? none(),
    push: (message) => (pusher ?? outbox)?.push(message) ?? none(),
    ...(pusher && { pushKey: pusher.pushKey }),
    close() {
      mailer?.close();
      outbox?.close();
    },
  };
}

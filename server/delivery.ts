/** How messages leave this installation: the gateways of its settings; in demo mode a folder takes what has none. */
import { readFileSync } from 'node:fs';
import {
  fileOutbox,
  gateways,
  parseSender,
  smsBodyFault,
  type Clock,
  type Delivery,
  type KeyRing,
  type Outbox,
  type PushPost,
  type VapidKeys,
} from '@afar/platform';
import { createOutbound } from '@afar/exchange';
import type { Config } from './config.ts';
import type { DataFolder } from './data-folder.ts';
import type { Values } from './parse-setting.ts';

type OutboundOptions = NonNullable<Parameters<typeof createOutbound>[0]>;

export interface DeliveryConfig {
  smtp: { url: string; from: string; plain: boolean } | undefined;
  sms: { url: string; auth: string | undefined; body: string | undefined } | undefined;
  push: boolean;
  registration: 'open' | 'invite' | 'closed';
  /** Years. */
  majority: number;
}

/** What the settings say of messages and of registration; faults are added to the list. */
export function deliveryOf(values: Values, mode: Config['mode'], faults: string[]): DeliveryConfig {
  const { AFAR_SMTP_URL: smtpUrl, AFAR_MAIL_FROM: from, AFAR_SMS_URL: smsUrl } = values;
  const { AFAR_SMS_AUTH: auth, AFAR_SMS_BODY: body } = values;
  if (smtpUrl && !from) faults.push('AFAR_SMTP_URL needs AFAR_MAIL_FROM, the sender of its mail');
  if (from && !parseSender(from))
    faults.push('AFAR_MAIL_FROM must be an address, or a name and an address in angle brackets');
  const bodyFault = body && smsBodyFault(body);
  if (bodyFault) faults.push(`AFAR_SMS_BODY ${bodyFault}`);
  if (mode === 'production' && smsUrl && URL.parse(smsUrl)?.protocol !== 'https:')
    faults.push('AFAR_SMS_URL must be https: numbers and codes would travel in the clear');
  const auto = mode === 'demo' ? 'open' : 'invite';
  const asked = values.AFAR_REGISTRATION;
  const registration = asked === 'auto' ? auto : (asked as DeliveryConfig['registration']);
  if (mode === 'production' && registration === 'open' && !smtpUrl && !smsUrl)
    faults.push(
      'AFAR_REGISTRATION is open, and no code can be sent: set AFAR_SMTP_URL and AFAR_MAIL_FROM, or AFAR_SMS_URL',
    );
  return {
    smtp: smtpUrl && from ? { url: smtpUrl, from, plain: values.AFAR_SMTP_PLAIN } : undefined,
    sms: smsUrl ? { url: smsUrl, auth, body } : undefined,
    push: values.AFAR_PUSH === 'on',
    registration,
    majority: values.AFAR_MAJORITY_AGE,
  };
}

/** The demo's folder of messages, sealed under the clinic's key. */
export const outboxOf = (folder: DataFolder, keys: KeyRing, clock: Clock, tenant: number): Outbox =>
  fileOutbox({ dir: folder.outbox, key: () => keys.tenant(tenant), clock });

/** Whom push services may write to about what we send [RFC 8292 2.1]. */
const contactOf = (from: string | undefined, baseUrl: string): string => {
  const sender = from && parseSender(from);
  if (sender) return `mailto:${sender.address}`;
  return baseUrl.startsWith('https:') ? baseUrl : 'mailto:postmaster@localhost.localdomain';
};

/**
 * Posts to push services, whose addresses browsers name, and so anybody: through the guarded way out, https to public addresses alone. What the
 * operator opens inside is for those whom the office names.
 */
export function pushBy(options: OutboundOptions): PushPost {
  const outbound = createOutbound({ ...options, allow: [], allowHttp: false });
  return async (url, headers, body) => {
    const { status } = await outbound.request({ url, method: 'POST', headers, body });
    return { status };
  };
}

/**
 * @param outbox takes what has no gateway; absent in production
 * @param push how pushes leave, where they may
 */
export function openDelivery(
  { delivery: { smtp, sms }, outbound }: Pick<Config, 'delivery' | 'outbound'>,
  outbox: Outbox | undefined,
  push?: { keys(): Promise<VapidKeys>; post: PushPost; baseUrl: string },
): Delivery {
  const ca = outbound.ca === undefined ? undefined : [readFileSync(outbound.ca, 'utf8')];
  return gateways({
    outbox,
    push: push && {
      keys: push.keys,
      post: push.post,
      contact: contactOf(smtp?.from, push.baseUrl),
    },
    smtp: smtp && { ...smtp, ...(ca && { ca }) },
    sms: sms && {
      url: sms.url,
      ...(sms.auth && { auth: sms.auth }),
      ...(sms.body && { body: sms.body }),
    },
  });
}

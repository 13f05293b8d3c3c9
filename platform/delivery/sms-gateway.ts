/** SMS through a gateway's HTTP interface: one POST of JSON, a deadline, no redirects, and no more read than is needed. */
import { DeliveryFailed, type Sms } from './delivery.ts';

export interface SmsOptions {
  /** The gateway's address; neither number nor text ever stand in it. */
  url: string;
  /** The value of the Authorization header. */
  auth?: string;
  /** JSON in which `{to}` and `{text}` inside strings are replaced. */
  body?: string;
  /** ms; default 10 s. */
  timeoutMs?: number;
}

export interface SmsGateway {
  /** @throws DeliveryFailed */
  sms(message: Sms): Promise<void>;
}

export const defaultSmsBody = '{"to":"{to}","text":"{text}"}';

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

function filled(value: Json, message: Sms): Json {
  if (typeof value === 'string')
    return value.replaceAll(/\{(to|text)\}/g, (_, name: 'to' | 'text') => message[name]);
  if (Array.isArray(value)) return value.map((one) => filled(one, message));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, filled(one, message)]),
  );
}

/** Why a template cannot stand; undefined when it can. */
export function smsBodyFault(text: string): string | undefined {
  try {
    const parsed = JSON.parse(text) as Json;
    const strings = JSON.stringify(filled(parsed, { to: '\u0001', text: '\u0002' }));
    return strings.includes('\\u0001') && strings.includes('\\u0002')
      ? undefined
      : 'must hold {to} and {text} inside its strings';
  } catch {
    return 'must be JSON';
  }
}

/** E.164: a plus and up to fifteen digits [ITU-T E.164]. */
export const isPhoneNumber = (text: string): boolean => /^\+[1-9]\d{6,14}$/.test(text);

/** @throws SyntaxError when the template is no JSON */
export function smsGateway(options: SmsOptions): SmsGateway {
  const { url, auth, timeoutMs = 10_000 } = options;
  const template = JSON.parse(options.body ?? defaultSmsBody) as Json;
  return {
    async sms(message) {
      if (!isPhoneNumber(message.to)) throw new DeliveryFailed('bad-number', true);
      let response: Response;
      try {
        response = await fetch(url, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            accept: 'application/json',
            ...(auth && { authorization: auth }),
          },
          body: JSON.stringify(filled(template, message)),
          // Whoever answers for the gateway must not send the message elsewhere.
          redirect: 'manual',
          signal: AbortSignal.timeout(timeoutMs),
        });
      } catch (error) {
        const { name, cause } = error as Error & { cause?: { code?: string } };
        throw new DeliveryFailed(
          cause?.code ?? (name === 'TimeoutError' ? 'timeout' : 'http'),
          false,
          ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'].includes(cause?.code ?? ''),
        );
      }
      // Only the status counts: what the gateway says, however much it is, is not read.
      await response.body?.cancel().catch(() => undefined);
      if (response.ok) return;
      const { status } = response;
      // The message itself was refused; a wrong key (401, 403) or too many (429) are mended or pass.
      const permanent = [400, 404, 413, 422].includes(status);
      throw new DeliveryFailed(`http-${status}`, permanent, status < 500);
    },
  };
}

/** Mail through an SMTP server: a small pool of connections, TLS unless the server is this very machine, short deadlines. */
import { rootCertificates } from 'node:tls';
import { isIP } from 'node:net';
import { DeliveryFailed, type Mail } from './delivery.ts';

export interface SmtpOptions {
  /** `smtp://user:password@host:587` (STARTTLS) or `smtps://user:password@host:465`. */
  url: string;
  /** The sender: `clinic@example.org` or `Clinic <clinic@example.org>`. */
  from: string;
  /** Lets mail leave without TLS off loopback. Default false. */
  plain?: boolean;
  /** PEM certificates trusted besides the common ones. */
  ca?: string[];
  /** For every step of the conversation, ms. Default 15 s: a greylisting server thinks for some seconds. */
  stepMs?: number;
}

export interface SmtpGateway {
  /** @throws DeliveryFailed */
  mail(message: Mail): Promise<void>;
  close(): void;
}

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

/** One address, nothing that could begin another header or another recipient [RFC 5321 4.1.2, without quoted local parts]. */
const address = /^[^\s@<>,;:"()[\]\\\p{Cc}]{1,64}@[^\s@<>,;:"()[\]\\\p{Cc}]{1,255}$/u;

/** True for what mail can be sent to. */
export const isMailAddress = (text: string): boolean => text.length <= 254 && address.test(text);

/** `Name <address>` or an address alone. @returns undefined when it is neither */
export function parseSender(text: string): { name: string; address: string } | undefined {
  const [, name = '', inside] = /^([^<>\p{Cc}]*)<([^<>]+)>$/u.exec(text.trim()) ?? [];
  const found = (inside ?? text).trim();
  return isMailAddress(found) ? { name: name.trim(), address: found } : undefined;
}

interface SmtpFault {
  code?: string;
  responseCode?: number;
  /** Of a system call that failed. */
  syscall?: string;
}

/** @throws Error when the sender is no address */
export function smtpGateway(options: SmtpOptions): SmtpGateway {
  const { url, plain = false, ca, stepMs = 15_000 } = options;
  const { protocol, hostname, port, username, password } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const secure = protocol === 'smtps:';
  const from = parseSender(options.from);
  if (!from) throw new Error('the sender of mail is no address');
  const settings = {
    pool: true as const,
    maxConnections: 2,
    maxMessages: 100,
    host,
    port: Number(port) || (secure ? 465 : 587),
    secure,
    // A server that offers no STARTTLS gets no password and no mail.
    requireTLS: !secure && !plain && !isLoopback(host),
    tls: {
      minVersion: 'TLSv1.2' as const,
      ...(ca && { ca: [...rootCertificates, ...ca] }),
    },
    ...(username && {
      auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    }),
    connectionTimeout: stepMs,
    greetingTimeout: stepMs,
    socketTimeout: stepMs,
    dnsTimeout: stepMs,
    // A message is text and nothing else: nothing is fetched or read for it.
    disableFileAccess: true,
    disableUrlAccess: true,
  };
  // Loaded by the first mail: most processes send none.
  const open = async () => (await import('nodemailer')).createTransport(settings);
  let transport: ReturnType<typeof open> | undefined;
  return {
    async mail({ to, subject, text, unsubscribe }) {
      if (!isMailAddress(to)) throw new DeliveryFailed('bad-address', true);
      try {
        transport ??= open().catch((error: unknown) => {
          transport = undefined;
          throw error;
        });
        const opened = await transport;
        await opened.sendMail({
          from,
          to: { name: '', address: to },
          envelope: { from: from.address, to: [to] },
          subject: subject.replaceAll(/\p{Cc}+/gu, ' '),
          text,
          // Machines that answer mail leave it alone [RFC 3834 5].
          headers: {
            'Auto-Submitted': 'auto-generated',
            ...(unsubscribe && {
              'List-Unsubscribe': `<${unsubscribe}>`,
              'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
            }),
          },
        });
      } catch (error) {
        const { code, responseCode, syscall } = error as SmtpFault;
        // 5yz is a permanent no [RFC 5321 4.2.1]; wrong credentials (535) are the operator's to mend: later.
        const permanent = responseCode !== undefined && responseCode >= 550 && responseCode < 560;
        throw new DeliveryFailed(
          responseCode ? `smtp-${responseCode}` : (code ?? 'smtp'),
          permanent,
          // A server that said no has nothing; nor has one that was never reached.
          responseCode !== undefined || syscall === 'connect' || syscall === 'getaddrinfo',
        );
      }
    },
    close: () =>
      void transport?.then(
        (one) => one.close(),
        () => undefined,
      ),
  };
}

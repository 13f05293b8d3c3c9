/** The port to the outside: mail, SMS, push. A message leaves; nothing here waits for an answer. */

/** A message as text. What goes by SMS or push holds nothing clinical: the caller sees to that. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
  /** Where one POST ends mail of this kind: offered to the reader's mail program [RFC 8058]. */
  unsubscribe?: string;
}

export interface Sms {
  /** E.164, such as `+34600100200`. */
  to: string;
  text: string;
}

/** Goes through a push service that is nobody's of the house: nothing clinical, no name. */
export interface Push {
  /** The browser's subscription, as JSON. */
  to: string;
  title: string;
  text: string;
  /** Page of the app to open, a path. */
  url?: string;
  /** A later message with the same one replaces it. Letters, digits, `-`; 32 at most. */
  tag?: string;
  /** How long the push service may keep it for a browser that is away. */
  ttlSeconds?: number;
}

export type Channel = 'mail' | 'sms' | 'push';

/** Resolves when the message is handed over durably; rejects with DeliveryFailed when it was not. */
export interface Delivery {
  /** The ways out that are configured; asking for another rejects. */
  readonly channels: readonly Channel[];
  mail(message: Mail): Promise<void>;
  sms(message: Sms): Promise<void>;
  push(message: Push): Promise<void>;
  /** The public key that browsers subscribe to pushes with, base64url; absent: none leave. */
  pushKey?(): Promise<string>;
  /** Ends its connections. */
  close(): void;
}

/** The gateway did not take a message. Holds a code of its protocol and nothing of the message: it is logged and kept. */
export class DeliveryFailed extends Error {
  /** Such as `smtp-550`, `http-400`, `ECONNREFUSED`. */
  readonly code: string;
  /** True when trying again cannot help: no such address, refused content. */
  readonly permanent: boolean;
  /** True when it is certain that nothing was taken; otherwise it may have been, and the answer was lost. */
  readonly untaken: boolean;
  constructor(code: string, permanent: boolean, untaken = permanent) {
    super(`delivery failed: ${code}`);
    this.name = 'DeliveryFailed';
    this.code = code;
    this.permanent = permanent;
    this.untaken = untaken;
  }
}

/** The port to the outside: mail, SMS, push. A message leaves; nothing here waits for an answer. */

/** A message as text. What goes by SMS or push holds nothing clinical: the caller sees to that. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
}

export interface Sms {
  to: string;
  text: string;
}

export interface Push {
  /** The subscription or device the message goes to. */
  to: string;
  title: string;
  text: string;
}

/** Resolves when the message is handed over durably; rejects when it was not. */
export interface Delivery {
  mail(message: Mail): Promise<void>;
  sms(message: Sms): Promise<void>;
  push(message: Push): Promise<void>;
}

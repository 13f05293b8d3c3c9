/** What people are told of outside the app, by which ways, and what is usual for who has said nothing. */
import type { Account } from '../accounts/vault.ts';
import type { ContactTopic, ContactWay, Wanted } from '../contract-contacts.ts';

export const contactTopics: readonly ContactTopic[] = ['visits', 'messages', 'surveys', 'notices'];
export const contactWays: readonly ContactWay[] = ['mail', 'sms', 'push'];

/** Mail about notices is chosen by kind (notices/mail.ts); by SMS goes what cannot wait, which is a visit. */
export const offered: readonly Wanted[] = [
  'visits:mail',
  'visits:sms',
  'visits:push',
  'messages:mail',
  'messages:push',
  'surveys:mail',
  'surveys:push',
  'notices:push',
];

export const isWanted = (text: unknown): text is Wanted => offered.some((one) => one === text);

export const wayOf = (wanted: Wanted): ContactWay => wanted.split(':')[1] as ContactWay;

/** Where mail goes; undefined for who signed up with a number. */
export const mailOf = ({ personal }: Pick<Account, 'personal'>): string | undefined =>
  personal.email.includes('@') ? personal.email : undefined;

/** A number she has shown to be hers. */
export function numberOf({ personal }: Pick<Account, 'personal'>): string | undefined {
  if (!personal.email.includes('@')) return personal.email;
  return personal.verified?.phone === undefined ? undefined : personal.phone;
}

/** Who has an address gets mail; a number rings only for who has nothing else, or asks for it. */
export function usual(account: Pick<Account, 'personal'>): Wanted[] {
  return offered.filter((one) => wayOf(one) !== 'sms' || mailOf(account) === undefined);
}

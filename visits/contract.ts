/** What visits says over the wire: every body of `/api` that belongs to a visit, and every message of its socket. Types only. */
export type * from './contract-calendar.ts';
export type * from './contract-chat.ts';
export type * from './contract-guests.ts';
export type * from './contract-on-demand.ts';
export type * from './contract-orders.ts';
export type * from './contract-reminders.ts';
export type * from './contract-phone.ts';
export type * from './contract-quality.ts';
export type * from './contract-recordings.ts';
export type * from './contract-schedule.ts';
export type * from './contract-surveys.ts';
export type * from './contract-visit.ts';
export type * from './messages.ts';
export type * from './media/negotiation.ts';

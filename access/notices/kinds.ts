/** The kinds of notices, and one as she gets it: without code, so that the web app may know them too. */

/** Each kind has its words in the web app (`notices.<kind>`); what they need to know is in `about`. */
export const noticeKinds = [
  'anomaly',
  'approval-asked',
  'approval-decided',
  'break-glass',
  'consent-changed',
  'device-new',
  'dispensed',
  'licence-changed',
  'licence-ending',
  'licence-submitted',
  'lockdown',
  'message',
  'message-assigned',
  'message-overdue',
  'note-returned',
  'password-changed',
  'recovery',
  'red-flag',
  'reminder',
  'result-escalated',
  'result-ready',
  'result-urgent',
  'results-unanswered',
  'second-factor-changed',
  'share-opened',
  'survey',
  'task-given',
  'visit-awaited',
  'visit-booked',
  'visit-cancelled',
  'visit-confirmed',
  'visit-moved',
  'visit-near',
  'visit-ready',
  'visit-requested',
  'waitlist-offer',
] as const;
export type NoticeKind = (typeof noticeKinds)[number];

export interface KeptNotice {
  id: string;
  /** ms since epoch. */
  at: number;
  kind: NoticeKind;
  about: Record<string, string | number>;
  /** ms since epoch; absent: not read. */
  read?: number;
}

/** A mail that says that something waits, and not what: for notices that matter, unless she asked for none of the kind. */
import type { Queryable } from '@afar/platform';
import { Refusal } from '@afar/fhir';
import type { Accounts } from '../accounts/accounts.ts';
import type { Account } from '../accounts/vault.ts';
import type { Allowances } from '../codes/allowance.ts';
import type { Post } from '../post/post.ts';
import { wordsOf } from '../post/words.ts';
import { noticeKinds, type NoticeKind } from './notices.ts';

/**
 * `always`: of her account's safety, she cannot ask to be left alone; `asked`: unless muted; `never`: she is here anyway, or is
 * told by other means; `messages`: when she wants mail about messages (contacts).
 */
const mailed: Record<NoticeKind, 'always' | 'asked' | 'never' | 'messages'> = {
  anomaly: 'asked',
  'approval-asked': 'asked',
  'approval-decided': 'never',
  'break-glass': 'asked',
  'consent-changed': 'asked',
  'device-new': 'always',
  dispensed: 'asked',
  'licence-changed': 'asked',
  'licence-ending': 'asked',
  'licence-submitted': 'never',
  lockdown: 'asked',
  message: 'messages',
  'message-assigned': 'messages',
  'message-overdue': 'messages',
  'note-returned': 'asked',
  'password-changed': 'always',
  recovery: 'always',
  'red-flag': 'always',
  reminder: 'never',
  'result-escalated': 'asked',
  'result-ready': 'asked',
  // An abnormal result nobody is told of is the harm this is for.
  'result-urgent': 'always',
  'results-unanswered': 'always',
  'second-factor-changed': 'always',
  'share-opened': 'asked',
  survey: 'never',
  'task-given': 'asked',
  'visit-awaited': 'asked',
  'visit-booked': 'asked',
  'visit-cancelled': 'asked',
  'visit-confirmed': 'asked',
  'visit-moved': 'asked',
  'visit-near': 'asked',
  'visit-ready': 'asked',
  'visit-requested': 'asked',
  'waitlist-offer': 'asked',
};

/** The kinds she may have no mail about. */
export const mutableKinds: readonly NoticeKind[] = noticeKinds.filter(
  (kind) => mailed[kind] === 'asked',
);

/** Of mails that all say the same; the list in the web app has every notice. */
const mostAnHour = { most: 4, windowMs: 3_600_000 };
/** A role of more people than this is told in the web app alone. */
const mostReceivers = 200;

export type NoticeMail = (
  on: Queryable,
  tenant: number,
  accounts: readonly string[],
  kind: NoticeKind,
) => Promise<void>;

export function createNoticeMail(deps: {
  accounts: Accounts;
  allowances: Allowances;
  post: Post;
  /** Whether somebody wants mail about messages. */
  wantsMessages(on: Queryable, account: Account): Promise<boolean>;
  /** Where a clinic's people go. */
  baseUrlOf(tenant: number): string;
}): NoticeMail {
  const { accounts, allowances, post, wantsMessages, baseUrlOf } = deps;

  /** What must be told has its own four: what others can make ring does not use them up. */
  async function mayAnother(tenant: number, account: string, kind: NoticeKind): Promise<boolean> {
    const of = [mailed[kind] === 'always' ? 'notice-mail-always' : 'notice-mail', account];
    try {
      await allowances.take(tenant, { of, ...mostAnHour });
      return true;
    } catch (error) {
      if (error instanceof Refusal && error.code === 'throttled') return false;
      throw error;
    }
  }

  return async (on, tenant, to, kind) => {
    if (mailed[kind] === 'never' || to.length > mostReceivers || to.length === 0) return;
    const { rows } = await on.query<{ account: string }>(
      `select account from access.notice_choice
       where tenant = $1 and account = any($2::uuid[]) and $3 = any(muted)`,
      [tenant, to, kind],
    );
    const muted = new Set(mailed[kind] === 'always' ? [] : rows.map((row) => row.account));
    const wanted = to.filter((id) => !muted.has(id));
    for (const account of await accounts.names(tenant, wanted)) {
      const { id, status, personal } = account;
      if (mailed[kind] === 'messages' && !(await wantsMessages(on, account))) continue;
      const channel = personal.email.includes('@') ? 'mail' : 'sms';
      if (status !== 'active' || !post.reaches(channel) || !(await mayAnother(tenant, id, kind)))
        continue;
      const said = wordsOf(personal.locale).notice(baseUrlOf(tenant));
      await post.send(tenant, { channel, to: personal.email, about: 'notice', ...said }, on);
    }
  };
}

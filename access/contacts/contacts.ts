/** How somebody can be told something now: her language, her clock, the ways she chose; and pushes to her browsers. */
import {
  DeliveryFailed,
  type Db,
  type Delivery,
  type Jobs,
  type KeyRing,
  type Log,
  type Queryable,
} from '@afar/platform';
import type { Accounts } from '../accounts/accounts.ts';
import type { Account } from '../accounts/vault.ts';
import type { ContactTopic, ContactWay, Wanted } from '../contract-contacts.ts';
import type { NoticeKind } from '../notices/kinds.ts';
import { choicesOf } from './choices.ts';
import { createPushDevices, type PushDevices } from './devices.ts';
import { createOptOuts, type OptOuts } from './opt-out.ts';
import { isQuiet, quietEnds, type QuietHours } from './quiet.ts';
import { mailOf, numberOf } from './topics.ts';
import { pushWords, topicOfNotice } from './words.ts';

export interface Reach {
  account: string;
  role: Account['role'];
  /** BCP 47 tag. */
  locale: string;
  /** Absent: she reads in the clinic's. */
  zone?: string;
  quiet?: QuietHours;
  mail?: string;
  /** E.164. */
  sms?: string;
  push: boolean;
}

/** What a push says: no name, nothing clinical. */
export interface PushSaid {
  title: string;
  text: string;
  /** A path of the app. */
  url: string;
  tag: string;
  ttlSeconds?: number;
}

export interface Contacts {
  /** The ways by which she wants to be told of this and can be; undefined for who has no open account. */
  reach(tenant: number, account: string, topic: ContactTopic): Promise<Reach | undefined>;
  /**
   * Tells each of her browsers. Subscriptions that are over are forgotten.
   * @returns what the push services said: taken by so many, failed with these codes
   */
  push(
    tenant: number,
    account: string,
    said: PushSaid,
  ): Promise<{ taken: number; failed: string[] }>;
  /** Tells of a notice by push, soon, in the same transaction; nothing when pushes do not leave here. */
  pushNotice(
    on: Queryable,
    tenant: number,
    accounts: readonly string[],
    kind: NoticeKind,
  ): Promise<void>;
  /** The page that ends this kind of message, and the address that a mail program posts to. */
  optOutUrls(
    tenant: number,
    account: string,
    what: Wanted,
  ): Promise<{ page: string; post: string }>;
  /** Which of these kinds of mail are wanted, for the mail about notices. */
  wants(on: Queryable, account: Account, what: Wanted): Promise<boolean>;
  possible(account: Account): Wanted[];
  devices: PushDevices;
  optOuts: OptOuts;
  /** Base64url; undefined when no pushes leave. */
  pushKey(): Promise<string | undefined>;
}

const task = 'access.push';

export function createContacts(deps: {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
  log: Log;
  accounts: Accounts;
  jobs?: Jobs | undefined;
  delivery?: Delivery | undefined;
  baseUrlOf(tenant: number): string;
  /** Whether a message can leave this way. */
  reaches(way: 'mail' | 'sms'): boolean;
}): Contacts {
  const { db, clock, log, accounts, jobs, delivery, baseUrlOf, reaches } = deps;
  const devices = createPushDevices(deps);
  const optOuts = createOptOuts(deps);
  const pushes = delivery?.pushKey !== undefined;

  const reach: Contacts['reach'] = async (tenant, id, topic) => {
    const account = await accounts.get(tenant, id);
    if (account?.status !== 'active') return undefined;
    const { wanted, quiet } = await choicesOf(db, account);
    const wants = (way: ContactWay): boolean => wanted.some((one) => one === `${topic}:${way}`);
    const mail = wants('mail') && reaches('mail') ? mailOf(account) : undefined;
    const sms = wants('sms') && reaches('sms') ? numberOf(account) : undefined;
    const { locale, zone } = account.personal;
    return {
      account: id,
      role: account.role,
      locale,
      ...(zone && { zone }),
      ...(quiet && { quiet }),
      ...(mail !== undefined && { mail }),
      ...(sms !== undefined && { sms }),
      push: pushes && wants('push') && (await devices.targets(tenant, id)).length > 0,
    };
  };

  const push: Contacts['push'] = async (tenant, account, said) => {
    let taken = 0;
    const failed: string[] = [];
    for (const { id, to } of await devices.targets(tenant, account)) {
      try {
        await delivery!.push({ to, ...said });
        await devices.used(tenant, id);
        taken++;
      } catch (error) {
        const code = error instanceof DeliveryFailed ? error.code : 'internal';
        failed.push(code);
        if (code === 'push-gone') await devices.forget(tenant, account, id);
        else log.warn({ err: error, deviceId: id }, 'a push did not leave');
      }
    }
    return { taken, failed };
  };

  jobs?.define(task, async ({ tenant, account, kind }) => {
    if (typeof tenant !== 'number' || typeof account !== 'string') return;
    const topic = topicOfNotice(kind as NoticeKind);
    const to = await reach(tenant, account, topic);
    if (!to?.push) return;
    // What she has read meanwhile, at night say, rings no more.
    const { rowCount } = await db.query(
      'select from access.notice where tenant = $1 and account = $2 and kind = $3 and read is null limit 1',
      [tenant, account, kind],
    );
    if (rowCount) await push(tenant, account, pushWords(to.locale, to.role, topic));
  });

  return {
    reach,
    push,
    devices,
    optOuts,
    async pushNotice(on, tenant, to, kind) {
      if (!pushes || !jobs) return;
      const topic = topicOfNotice(kind);
      // Whoever has no browser that listens costs no job.
      const { rows } = await on.query<{ account: string }>(
        'select distinct account from access.push_device where tenant = $1 and account = any($2::uuid[]) limit 200',
        [tenant, to],
      );
      for (const { account } of rows) {
        const who = await reach(tenant, account, topic);
        if (!who?.push) continue;
        const now = clock.now();
        const zone = who.zone ?? 'UTC';
        const waits = isQuiet(now, zone, who.quiet);
        await jobs.add(
          on,
          task,
          { tenant, account, kind },
          {
            // A night's messages ring once, in the morning.
            key: `${task}.${tenant}.${account}.${topic}`,
            ...(waits && { runAt: new Date(quietEnds(now, zone, who.quiet)) }),
            maxAttempts: 3,
          },
        );
      }
    },
    async optOutUrls(tenant, account, what) {
      const token = await optOuts.tokenFor(tenant, account, what);
      const base = baseUrlOf(tenant);
      // In the fragment, which no server on the way sees: the page posts it when its button is pressed.
      return { page: `${base}/opt-out#${token}`, post: `${base}/api/opt-out/${token}` };
    },
    async wants(on, account, what) {
      return (await choicesOf(on, account)).wanted.includes(what);
    },
    possible(account) {
      const ways: Record<ContactWay, boolean> = {
        mail: reaches('mail') && mailOf(account) !== undefined,
        sms: reaches('sms') && numberOf(account) !== undefined,
        push: pushes,
      };
      const patient = account.role === 'patient';
      return (
        [
          ['visits:mail', 'visits:sms', 'visits:push'],
          ['messages:mail', 'messages:push'],
          ['surveys:mail', 'surveys:push'],
          ['notices:push'],
        ] as Wanted[][]
      )
        .flat()
        .filter((one) => ways[one.split(':')[1] as ContactWay])
        .filter((one) => patient || !/^(visits|surveys):/.test(one));
    },
    pushKey: async () => delivery?.pushKey?.(),
  };
}

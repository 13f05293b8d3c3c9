/** Slows guessing down per source, per account and per known browser, so that no stranger locks a victim out. */
import { createHmac } from 'node:crypto';
import { Refusal } from '@afar/fhir';
import { sourceOf, type Db, type KeyRing } from '@afar/platform';

interface Limit {
  /** Failures before the first wait. */
  free: number;
  /** The longest wait, ms. */
  most: number;
}

/** The first wait; it doubles with every further failure. */
const firstWaitMs = 2_000;
/** After this long without a try the count begins anew. */
const forgetMs = 3_600_000;

export const limits = {
  // Someone mistypes twice or three times; five is generous.
  account: { free: 5, most: 15 * 60_000 },
  // A clinic behind one address signs in some thirty people in the morning, some of them badly.
  source: { free: 30, most: 15 * 60_000 },
  // Her own browser is never shut for long.
  device: { free: 10, most: 60_000 },
} satisfies Record<string, Limit>;

// Counted before the password is checked: parallel guesses meet the limit as sequential ones do.
const reserve = `insert into access.throttle as t (key, failures, blocked_until, touched)
values ($1, 1, 0, $2::bigint)
on conflict (key) do update set
  failures = case when t.touched < $2 - $3::bigint then 1 else t.failures + 1 end,
  blocked_until = case when t.touched < $2 - $3::bigint or t.failures + 1 <= $4::int then 0
    else $2 + least($5::bigint, $6::int * power(2, least(t.failures - $4, 20)))::bigint end,
  touched = $2
where t.blocked_until <= $2
returning failures`;

const refund = `update access.throttle set failures = greatest(failures - 1, 0),
  blocked_until = case when failures - 1 <= $2::int then 0 else blocked_until end where key = $1`;

export interface Attempt {
  tenant: number;
  /** What is tried: each kind is counted apart. */
  what: 'password' | 'code' | 'passkey' | 'recovery';
  ip: string;
  /**
   * The e-mail's token, whether or not there is such an account. Absent where no guess can succeed (a passkey's signature):
   * a stranger's tries must not make her wait.
   */
  account?: string;
  /** Hash of a browser this account has signed in from; absent: a stranger. */
  device?: Buffer | undefined;
}

export interface Throttle {
  /** Counts a try; call the returned function when it was right. @throws Refusal `throttled` */
  enter(attempt: Attempt): Promise<() => Promise<void>>;
  /** Drops rows nobody has touched for a day. */
  sweep(): Promise<void>;
}

export function createThrottle(deps: {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
}): Throttle {
  const { db, keys, clock } = deps;

  async function take(key: Buffer, { free, most }: Limit): Promise<void> {
    const now = clock.now();
    const { rowCount } = await db.query({
      name: 'access.throttle',
      text: reserve,
      values: [key, now, forgetMs, free, most, firstWaitMs],
    });
    if (rowCount === 1) return;
    const { rows } = await db.query<{ until: number }>(
      'select blocked_until as until from access.throttle where key = $1',
      [key],
    );
    const seconds = Math.max(1, Math.ceil(((rows[0]?.until ?? now) - now) / 1000));
    throw new Refusal('throttled', { headers: { 'retry-after': String(seconds) } });
  }

  return {
    async enter({ tenant, what, ip, account, device }) {
      const { index } = await keys.tenant(tenant);
      const keyed = (...parts: (string | Buffer)[]): Buffer => {
        const hmac = createHmac('sha256', index).update(`access.throttle ${tenant} ${what} `);
        for (const part of parts) hmac.update(part).update('\0');
        return hmac.digest();
      };
      // From a browser of her own neither the source nor the strangers' count can stop her.
      const taken: [Buffer, Limit][] = [];
      if (device) taken.push([keyed('device', account ?? '', device), limits.device]);
      else {
        taken.push([keyed('source', sourceOf(ip)), limits.source]);
        if (account !== undefined) taken.push([keyed('account', account), limits.account]);
      }
      for (const [key, limit] of taken) await take(key, limit);
      return async () => {
        for (const [key, limit] of taken) await db.query(refund, [key, limit.free]);
      };
    },
    async sweep() {
      await db.query('delete from access.throttle where touched < $1', [clock.now() - 86_400_000]);
    },
  };
}

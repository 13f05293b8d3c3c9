/** Charts opened by break-glass that nobody has looked at in time: told to the auditors, by whom they were opened. */
import { everyTenant, type Clock, type Db, type Log } from '@afar/platform';
import type { Access } from '@afar/access';

// A review is due in days: an hour more or less is nothing.
const everyMs = 3_600_000;
/** Older ones were told of as long as this. */
const forgottenMs = 90 * 86_400_000;

export interface Unreviewed {
  /** Looks now. */
  look(): Promise<void>;
  start(): void;
  stop(): void;
}

export function createUnreviewed(deps: {
  db: Db;
  access: Access;
  clock: Clock;
  log: Log;
}): Unreviewed {
  const { db, access, clock, log } = deps;
  let timer: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    const now = clock.now();
    const tenants = await db.query<{ tenant: number }>(
      'select distinct tenant from sharing.break_glass where decided is null and starts > $1',
      [now - forgottenMs],
    );
    for (const { tenant } of tenants.rows) {
      const rule = (await access.anomalies.rules(tenant))['break-glass-unreviewed'];
      const { rows } = await db.query<{ who: string; role: string; count: number }>(
        `select account as who, max(role) as role, count(*)::int as count from sharing.break_glass
         where tenant = $1 and decided is null and starts > $2 and starts <= $3
         group by 1 having count(*) >= $4`,
        [tenant, now - forgottenMs, now - rule.windowMs, rule.threshold],
      );
      for (const one of rows)
        await access.anomalies.raise({ tenant, rule: 'break-glass-unreviewed', ...one });
    }
  }

  return {
    look: () => everyTenant(look),
    start() {
      timer = setInterval(() => {
        everyTenant(look).catch((error: unknown) =>
          log.warn({ err: error }, 'reviews of break-glass were not looked for'),
        );
      }, everyMs);
      timer.unref();
    },
    stop() {
      clearInterval(timer);
    },
  };
}

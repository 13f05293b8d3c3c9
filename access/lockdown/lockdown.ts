/** The switch: engaged by one person, at once; lifted by two. */
import {
  aad,
  everyTenant,
  within,
  open,
  seal,
  type Db,
  type KeyRing,
  type Queryable,
} from '@afar/platform';
import { Refusal } from '@afar/fhir';
import type { Approvals } from '../approvals/approvals.ts';
import type { Approval } from '../approvals/kind.ts';
import { systemId, type Caller } from '../caller.ts';
import type { Notices } from '../notices/notices.ts';
import type { LockdownMode } from './contract.ts';
import { everywhere, lockdownChannel, type Flag, type Lock } from './flag.ts';
import { lockedRefusal } from './gate.ts';

export const liftKind = 'lift-lockdown';

/** Every process reads the table each second: after this long all of them refuse new writes. */
const heardMs = 1_200;
/** What was begun before is given this long to end; a longer write is told of. */
const drainMs = 10_000;

export interface LockedDown extends Lock {
  engagedBy: string;
  reason: string;
}

export interface Lockdown {
  flag: Flag;
  /**
   * Locks a tenant, or everything (`everywhere`). Resolves when every process knows and what was being written has ended.
   * @returns whether everything that was under way has ended
   */
  engage(
    caller: Caller,
    asked: { tenant: number; mode: LockdownMode; reason: string; keep?: string | undefined },
  ): Promise<boolean>;
  /** Asks for the lifting, or carries it out when another asked before. @returns true when it is lifted */
  lift(caller: Caller, tenant: number, operator?: number): Promise<boolean>;
  /** The lock on this tenant or on everything, with its reason, as it stands in the table. */
  standing(tenant: number): Promise<LockedDown | undefined>;
  /** An open question to lift what holds this tenant. */
  lifting(caller: Caller, tenant: number): Promise<Approval | undefined>;
  /** @throws Refusal `read-only`, `closed`: asked by what writes without a request, and by what destroys */
  requireWritable(tenant: number): void;
}

interface Row extends Lock {
  engaged_by: string;
  home: number;
  sealed: Buffer;
}

export const bindLockdown = (row: Omit<Row, 'sealed'>): Buffer =>
  aad('access.lockdown', row.tenant, row.mode, row.since, row.engaged_by, row.home);

interface Lift {
  tenant: number;
  /** Who at the machine asks: the number of an account of its operating system. */
  operator?: number;
}

/** The id under which an operator of the machine stands in the trail. */
export const operatorId = (uid: number): string =>
  `00000000-0000-7000-8001-${uid.toString(16).padStart(12, '0')}`;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function createLockdown(deps: {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
  events: { publish(channel: string, payload: object): Promise<void> };
  log: { warn(fields: object, message: string): void };
  flag: Flag;
  approvals: Approvals;
  notices: Notices;
  /** Shorter in tests. */
  heardMs?: number | undefined;
}): Lockdown {
  const { db, keys, clock, events, log, flag, approvals, notices } = deps;

  async function changed(): Promise<void> {
    await events
      .publish(lockdownChannel, {})
      .catch((error: unknown) => log.warn({ err: error }, 'a lockdown was not told'));
    await flag.look();
  }

  const tell = (on: Queryable, home: number, about: Record<string, string | number>) =>
    Promise.all(
      (['administrator', 'auditor'] as const).map((role) =>
        notices.tell({ tenant: home, to: { role }, kind: 'lockdown', about }, on),
      ),
    );

  /** Sessions and tokens of a closed clinic are over for good: who comes back signs in anew. */
  async function endAll(on: Queryable, tenant: number, keep: string | undefined): Promise<void> {
    const where = tenant === everywhere ? 'true or $1 = 0' : 'tenant = $1';
    await on.query(
      `delete from access.session where (${where}) and ($2::uuid is null or id <> $2)`,
      [tenant, keep ?? null],
    );
    await on.query(`delete from access.guest where ${where}`, [tenant]);
    await on.query(`delete from access.oauth where ${where}`, [tenant]);
  }

  /** True when every transaction that was running when all processes knew has ended. */
  async function drained(): Promise<boolean> {
    const { rows } = await db.query<{ mark: string }>('select clock_timestamp()::text as mark');
    const until = performance.now() + drainMs;
    for (;;) {
      const { rows: now } = await db.query<{ over: boolean }>(
        `select not exists (select from pg_stat_activity a where a.datname = current_database()
           and a.pid <> pg_backend_pid()
           and a.xact_start < $1::timestamptz) as over`,
        [rows[0]!.mark],
      );
      if (now[0]!.over) return true;
      if (performance.now() > until) return false;
      await wait(100);
    }
  }

  async function rowOf(on: Queryable, tenant: number): Promise<Row | undefined> {
    const { rows } = await on.query<Row>(
      `select tenant, mode, since, engaged_by, home, sealed from access.lockdown
       where tenant = any($1) order by tenant = 0 desc`,
      [[everywhere, tenant]],
    );
    return rows.find((row) => row.mode === 'closed') ?? rows[0];
  }

  async function lifting(caller: Caller, tenant: number): Promise<Approval | undefined> {
    const now = clock.now();
    const all = await approvals.list(caller.tenant, 100);
    return all.find(
      (one) =>
        one.kind === liftKind &&
        one.state === 'open' &&
        one.expires > now &&
        one.about['scope'] === tenant,
    );
  }

  approvals.register<Lift>(liftKind, {
    read(body) {
      const { tenant, operator } = (body ?? {}) as Partial<Lift>;
      if (!Number.isSafeInteger(tenant)) throw new Refusal('invalid');
      return { tenant: tenant!, ...(typeof operator === 'number' && { operator }) };
    },
    about: ({ tenant, operator }) => ({
      scope: tenant,
      ...(operator !== undefined && { operator }),
    }),
    async run({ tenant: home, body }, on) {
      const { rowCount } = await on.query(
        'delete from access.lockdown where tenant = $1 and (tenant = $2 or home = $2)',
        [body.tenant, home],
      );
      if (rowCount !== 1)
        throw new Refusal('conflict', { diagnostics: 'nothing is locked down there' });
      await tell(on, home, { state: 'lifted', scope: body.tenant });
      return { after: changed };
    },
  });

  function requireWritable(tenant: number): void {
    if (flag.idle) return;
    const lock = flag.lockOf(tenant);
    if (lock) throw lockedRefusal(lock);
  }
  // The gate lets the two who lift it through to the approvals; accounts and all else wait until it is lifted.
  approvals.guard((tenant, kind) => {
    if (kind !== liftKind) requireWritable(tenant);
  });

  return {
    flag,
    async engage(caller, { tenant, mode, reason, keep }) {
      const home = caller.tenant;
      const row = { tenant, mode, since: clock.now(), engaged_by: caller.id, home };
      const sealed = seal(reason, await keys.tenant(home), bindLockdown(row));
      await everyTenant(() =>
        db.tx(async (tx) => {
          await tx.query(
            `insert into access.lockdown (tenant, mode, since, engaged_by, home, sealed) values ($1, $2, $3, $4, $5, $6)
             on conflict (tenant) do update set mode = excluded.mode, since = excluded.since,
               engaged_by = excluded.engaged_by, home = excluded.home, sealed = excluded.sealed
             where access.lockdown.mode <> 'closed'`,
            [tenant, mode, row.since, caller.id, home, sealed],
          );
          if (mode === 'closed') await endAll(tx, tenant, keep);
          await tell(tx, home, { state: mode, scope: tenant });
        }),
      );
      await changed();
      await wait(deps.heardMs ?? heardMs);
      // A role of the database sees its own transactions only: the requests' and the house's, each as itself.
      const [theirs, ours] = [await within(home, drained), await everyTenant(drained)];
      return theirs && ours;
    },
    async lift(caller, tenant, operator) {
      if (!(await everyTenant(() => rowOf(db, tenant))))
        throw new Refusal('conflict', { diagnostics: 'nothing is locked down there' });
      const asked = await lifting(caller, tenant);
      if (!asked) {
        const wish: Lift = { tenant, ...(operator !== undefined && { operator }) };
        await everyTenant(() => approvals.ask(caller, liftKind, wish));
        return false;
      }
      const isOperator = caller.id === systemId;
      // An operator is whoever the machine says she is: the one who asked does not answer herself.
      if (isOperator && asked.asker === systemId && (operator ?? -1) === asked.about['operator'])
        throw new Refusal('forbidden', {
          diagnostics: 'another person lifts what you asked to lift',
        });
      if (isOperator && operator === undefined) throw new Refusal('forbidden');
      const decider = isOperator ? { ...caller, id: operatorId(operator!) } : caller;
      await everyTenant(() => approvals.decide(decider, asked.id, 'approve'));
      return true;
    },
    async standing(tenant) {
      const row = await everyTenant(() => rowOf(db, tenant));
      if (!row) return undefined;
      const reason = open(row.sealed, await keys.tenant(row.home), bindLockdown(row)).toString();
      const { mode, since, engaged_by: engagedBy } = row;
      return { tenant: row.tenant, mode, since, engagedBy, reason };
    },
    lifting,
    requireWritable,
  };
}

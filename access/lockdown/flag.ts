/** Is anything locked down? Answered from memory at every request; events, and a look at the table each second, keep it true. */
import { Refusal } from '@afar/fhir';
import { everyTenant, type Db, type Events, type Log } from '@afar/platform';
import type { LockdownMode } from './contract.ts';

export const lockdownChannel = 'access.lockdown';
/** The row of the whole installation. */
export const everywhere = 0;

const lookEveryMs = 1_000;
/** Past this nobody knows whether something is locked down: then it is asked before anything is answered, and unanswered means locked. */
const knownMs = 5_000;

export interface Lock {
  tenant: number;
  mode: LockdownMode;
  /** ms since epoch. */
  since: number;
}

export interface Flag {
  /** The stricter one of the clinic's and the installation's, as last read. */
  lockOf(tenant: number): Lock | undefined;
  /**
   * True when the memory is fresh and nothing at all is locked: one comparison of numbers, at every request.
   */
  readonly idle: boolean;
  /** Makes sure that the memory is fresh. @throws Refusal `unavailable` when it cannot be */
  sure(): Promise<void>;
  /** Reads again now. */
  look(): Promise<void>;
  /** Called in this process when a lock begins, changes or ends, with the tenant (0: all). */
  onChanged(fn: (lock: Lock | undefined, tenant: number) => void): () => void;
  start(): Promise<void>;
  stop(): Promise<void>;
}

const strictest = (a: Lock | undefined, b: Lock | undefined): Lock | undefined =>
  a?.mode === 'closed' ? a : b?.mode === 'closed' ? b : (a ?? b);

export function createFlag(deps: { db: Db; events: Events; log: Log }): Flag {
  const { db, events, log } = deps;
  const listeners = new Set<(lock: Lock | undefined, tenant: number) => void>();
  let locks = new Map<number, Lock>();
  let readAt = -Infinity;
  let looking: Promise<void> | undefined;
  let again = false;
  let timer: NodeJS.Timeout | undefined;
  let unsubscribe: (() => void) | undefined;
  let stopped = false;

  async function read(): Promise<void> {
    const asked = performance.now();
    const { rows } = await everyTenant(() =>
      db.query<Lock>({
        name: 'access.lockdowns',
        text: 'select tenant, mode, since from access.lockdown',
        values: [],
      }),
    );
    const before = locks;
    locks = new Map(rows.map((row) => [row.tenant, row]));
    // As of the asking: what was locked while the answer was on its way is not in it.
    readAt = asked;
    for (const tenant of new Set([...before.keys(), ...locks.keys()])) {
      const [was, is] = [before.get(tenant), locks.get(tenant)];
      if (was?.mode === is?.mode && was?.since === is?.since) continue;
      log.warn({ tenant, mode: is?.mode ?? 'none' }, 'the lockdown changed');
      for (const fn of listeners) fn(is, tenant);
    }
  }

  function look(): Promise<void> {
    // One that is under way may have been answered before the change: another follows it.
    if (looking) {
      again = true;
      return looking;
    }
    looking = (async () => {
      do {
        again = false;
        await read();
      } while (again && !stopped);
    })().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  const quietly = (): void => {
    look().catch((error: unknown) => log.warn({ err: error }, 'lockdown: not known'));
  };
  const fresh = (): boolean => performance.now() - readAt < knownMs;

  return {
    lockOf: (tenant) => strictest(locks.get(everywhere), locks.get(tenant)),
    get idle() {
      return locks.size === 0 && fresh();
    },
    async sure() {
      if (fresh()) return;
      try {
        await look();
      } catch (error) {
        throw new Refusal('unavailable', { cause: error, detail: 'lockdown: not known' });
      }
    },
    look,
    onChanged(fn) {
      listeners.add(fn);
      return () => listeners.delete(fn);
    },
    async start() {
      stopped = false;
      unsubscribe = events.subscribe(lockdownChannel, quietly, quietly);
      await look();
      timer = setInterval(quietly, lookEveryMs);
      timer.unref();
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      unsubscribe?.();
      await looking?.catch(() => undefined);
    },
  };
}

/** What both rotations share: one at a time, walks over every store that go on where they were broken off, and patience. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Db, KeyRing, SealedStore } from '@afar/platform';
import { keepProgress, progressOf } from './progress.ts';
import type { Progress, RotationKind } from './progress.ts';

export interface Turning {
  db: Db;
  keys: KeyRing;
  clock: { now(): number };
  tenant: number;
  stores: readonly SealedStore[];
  /** Told once a second, and at the end of each step. */
  say(progress: Progress): void;
  /** How long what was begun with an old key may take to be written, ms. Default 30 s: the longest statement. */
  graceMs?: number;
  /** Rows of one batch. Default 200: some 30 ms of work, after which requests have their turn. */
  batch?: number;
  signal?: AbortSignal;
}

/** Tells processes that hold keys to look at once; they would within a second anyway. */
export const keysChannel = 'keys.changed';

const defaultGraceMs = 30_000;
const defaultBatch = 200;
/** Rounds until all that was busy is done: three suffice in a clinic that writes without pause. */
const mostRounds = 50;

/**
 * Runs a rotation with its progress kept. One of a kind and clinic runs at a time.
 * @throws Error when another process is at it
 */
export async function inTurn(
  on: Turning,
  kind: RotationKind,
  first: string,
  work: (turn: Turn) => Promise<void>,
): Promise<Progress> {
  const { db, tenant, clock } = on;
  const found = await progressOf(db, tenant, kind);
  const fresh = (): Progress => ({
    tenant,
    kind,
    step: first,
    started: clock.now(),
    store: null,
    cursor: null,
    seen: 0,
    moved: 0,
    updated: clock.now(),
    finished: null,
  });
  const progress = found && found.finished === null ? found : fresh();
  const turn = new Turn(on, progress);
  await db.tx(
    async (lock) => {
      const { rows } = await lock.query<{ free: boolean }>(
        'select pg_try_advisory_xact_lock(7166, $1) as free',
        [tenant],
      );
      // The lock is this transaction's: it lasts as long as the work, which uses other connections, and ends with the process.
      await lock.query(`set local idle_in_transaction_session_timeout = 0`);
      if (!rows[0]!.free) throw new Error('another process is rotating keys of this clinic');
      await turn.keep();
      await work(turn);
      progress.finished = clock.now();
      await turn.keep();
    },
    { retries: 0 },
  );
  return progress;
}

export class Turn {
  readonly on: Turning;
  readonly progress: Progress;
  #said = 0;

  constructor(on: Turning, progress: Progress) {
    this.on = on;
    this.progress = progress;
  }

  async keep(): Promise<void> {
    this.progress.updated = this.on.clock.now();
    await keepProgress(this.on.db, this.progress);
    if (performance.now() - this.#said < 1_000) return;
    this.#said = performance.now();
    this.on.say({ ...this.progress });
  }

  /** True when this step is the one to do; earlier ones were done by a run before. */
  at(step: string): boolean {
    return this.progress.step === step;
  }

  async goOn(step: string): Promise<void> {
    Object.assign(this.progress, { step, store: null, cursor: null });
    this.#said = 0;
    await this.keep();
  }

  /** Until every process has heard of a change of keys, each looking once in `noticeMs`. */
  async heard(): Promise<void> {
    await sleep(2 * this.on.keys.admin.noticeMs, undefined, { signal: this.on.signal });
  }

  /** Until nothing that was begun before a change of keys can still be written. */
  async settled(): Promise<void> {
    await this.heard();
    await sleep(this.on.graceMs ?? defaultGraceMs, undefined, { signal: this.on.signal });
  }

  /** One round over every store. @returns rows that were busy */
  async round(): Promise<number> {
    const { db, keys, tenant, stores, batch = defaultBatch, signal } = this.on;
    const { progress } = this;
    let busy = 0;
    const from = stores.findIndex(({ name }) => name === progress.store);
    for (const store of stores.slice(Math.max(from, 0))) {
      if (!store.reseal) continue;
      let after = store.name === progress.store ? (progress.cursor ?? undefined) : undefined;
      for (;;) {
        signal?.throwIfAborted();
        const done = await store.reseal({ db, keys, tenant, after, limit: batch });
        busy += done.busy;
        after = done.next;
        progress.seen += done.seen;
        progress.moved += done.moved;
        Object.assign(progress, { store: store.name, cursor: after ?? null });
        if (after === undefined) break;
        await this.keep();
      }
    }
    Object.assign(progress, { store: null, cursor: null });
    await this.keep();
    return busy;
  }

  /** Rounds until nothing was busy. @throws Error when the clinic never comes to rest */
  async rounds(): Promise<void> {
    for (let round = 0; round < mostRounds; round++) if ((await this.round()) === 0) return;
    throw new Error('rows stay busy: run the rotation again when less is written');
  }
}

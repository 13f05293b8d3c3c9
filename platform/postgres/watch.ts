/** Watches over the embedded postmaster: one that ended without being told to is started again. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log.ts';

export interface Watch {
  /** Ends the watch; returns when no start of its own is under way. */
  stop(): Promise<void>;
}

/** A dead postmaster is noticed after half of this on average: clients are told to come back after 2 s. */
const everyMs = 500;

/** Between failed starts: doubled up to 30 s, so that a full disk is not hammered. */
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

/**
 * @param serves true while the postmaster runs
 * @param start brings it up again; fails when it cannot
 */
export function watchPostmaster(
  serves: () => boolean,
  start: () => Promise<void>,
  log: Log,
): Watch {
  const ending = new AbortController();
  const { signal } = ending;

  async function pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal, ref: false }).catch(() => undefined);
  }

  async function bringUp(): Promise<void> {
    let wait = firstPauseMs;
    while (!signal.aborted) {
      try {
        await start();
        return;
      } catch (error) {
        log.error({ err: error, alarm: 'database-down' }, 'PostgreSQL does not come up again');
        await pause(wait);
        wait = Math.min(2 * wait, longestPauseMs);
      }
    }
  }

  async function watch(): Promise<void> {
    for (;;) {
      await pause(everyMs);
      if (signal.aborted) return;
      if (serves()) continue;
      log.error({ alarm: 'database-down' }, 'PostgreSQL ended by itself: starting it again');
      await bringUp();
    }
  }

  const over = watch();
  return {
    stop() {
      ending.abort();
      return over;
    },
  };
}

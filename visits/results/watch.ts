/** Hears of results and orders as they are committed, and looks after them each minute. */
import { everyTenant, within } from '@afar/platform';
import type { House } from '../house.ts';
import { followOrder } from './awaited.ts';
import { escalate, tellReadable } from './escalate.ts';
import { heal } from './heal.ts';
import { takeIn } from './take-in.ts';

const everyMs = 60_000;
/** Changes that wait to be looked at; an import writes more, and the sweep finds what was left out. */
const mostWaiting = 2_000;

const watched = new Set(['ServiceRequest', 'DiagnosticReport', 'Observation']);

export interface Watch {
  start(): void;
  /** Everything heard so far has been looked at. */
  settled(): Promise<void>;
  /** One round of looking after. */
  sweep(): Promise<void>;
  stop(): Promise<void>;
}

export function createWatch(house: House): Watch {
  const waiting = new Map<string, () => Promise<void>>();
  let working: Promise<void> | undefined;
  let sweeping: Promise<void> = Promise.resolve();
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let unhear: (() => void) | undefined;

  async function work(): Promise<void> {
    for (const [key, look] of waiting) {
      if (stopped) break;
      waiting.delete(key);
      await look().catch((error: unknown) =>
        house.log.warn({ err: error }, 'a result was not taken in: the sweep tries again'),
      );
    }
    working = undefined;
  }

  const failed = (error: unknown): void =>
    house.log.warn({ err: error }, 'the look after results failed');

  /** Ends only when all of it was done once. What waits for an answer is told whatever happened to what came. */
  const round = async (): Promise<void> => {
    for (const part of [heal, escalate, tellReadable]) await part(house).catch(failed);
  };

  const sweep = (): Promise<void> => {
    sweeping = sweeping.then(() => (stopped ? undefined : everyTenant(round))).catch(failed);
    return sweeping;
  };

  return {
    start() {
      stopped = false;
      unhear = house.records.onChange(({ tenant, type, rid }) => {
        if (!watched.has(type) || waiting.size >= mostWaiting) return;
        const look = (): Promise<void> =>
          within(tenant, () =>
            type === 'ServiceRequest'
              ? followOrder(house, tenant, rid)
              : takeIn(house, { tenant, type: type as 'Observation', rid }),
          );
        waiting.set(`${tenant}|${type}|${rid}`, look);
        working ??= work();
      });
      timer = setInterval(() => void sweep(), everyMs);
      timer.unref();
      void sweep();
    },
    settled: async () => {
      await sweeping;
      while (working) await working;
    },
    sweep,
    async stop() {
      stopped = true;
      unhear?.();
      clearInterval(timer);
      await sweeping;
      await working;
    },
  };
}

/** At most so many at a time; the others wait their turn, not for ever. */
import { Unavailable } from './unavailable.ts';

export interface Turns {
  /** @throws Unavailable when no turn came within the time, `ms` */
  take(): Promise<void>;
  give(): void;
}

export function createTurns(most: number, ms: number): Turns {
  const waiting = new Set<() => void>();
  let running = 0;
  return {
    take() {
      if (running < most) {
        running++;
        return Promise.resolve();
      }
      return new Promise((resolve, reject) => {
        const go = (): void => {
          clearTimeout(timer);
          resolve();
        };
        const timer = setTimeout(() => {
          waiting.delete(go);
          reject(new Unavailable('The database'));
        }, ms);
        waiting.add(go);
      });
    },
    give() {
      const [next] = waiting;
      if (!next) {
        running--;
        return;
      }
      // The turn goes from hand to hand.
      waiting.delete(next);
      next();
    },
  };
}

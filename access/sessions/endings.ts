/** Tells every process whose sessions are over, so that what stays open without asking again (a socket) asks at once. */
import type { Events, Log } from '@afar/platform';

const channel = 'access.ended';

/** One or all sessions of an account are over, or the account is disabled: ask again who is still let in. */
export interface Ended {
  tenant: number;
  /** Account or client. */
  account: string;
}

export interface Endings {
  /** Told after the commit. Never fails: who misses it finds out at the next question. */
  tell(tenant: number, account: string): Promise<void>;
  /** @param onGap events may have been missed: ask for everybody */
  hear(fn: (who: Ended) => void, onGap: () => void): () => void;
  /** Everybody of this process who is let in without asking again asks now. */
  askAll(): void;
}

export function createEndings({ events, log }: { events: Events; log: Log }): Endings {
  const all = new Set<() => void>();
  return {
    askAll() {
      for (const ask of all) ask();
    },
    async tell(tenant, account) {
      try {
        await events.publish(channel, { tenant, account } satisfies Ended);
      } catch (error) {
        log.warn({ err: error }, 'the end of a session was not told');
      }
    },
    hear(fn, onGap) {
      all.add(onGap);
      const stop = events.subscribe(
        channel,
        ({ tenant, account }) => {
          if (typeof tenant === 'number' && typeof account === 'string') fn({ tenant, account });
        },
        onGap,
      );
      return () => {
        all.delete(onGap);
        stop();
      };
    },
  };
}

/** The way to the providers: which one opens a row, what an outage costs, and what is said of it in the log. */
import { KeyUnavailable } from './errors.ts';
import type { KeyProvider } from './provider.ts';

export interface Wrapped {
  provider: string;
  wrapped: Uint8Array;
}

/** Never waits for a provider that is down more than half of the time, and tries again after this at the latest, ms. */
const longestPauseMs = 5_000;
/** A refusal that came within this is cheap to ask for again. */
const atOnceMs = 250;

export interface Providers {
  readonly current: KeyProvider;
  /** Throws KeyUnavailable. */
  wrap(plain: Uint8Array, context: string): Promise<Wrapped>;
  /** Throws KeyUnavailable. */
  unwrap(row: Wrapped, context: string): Promise<Buffer>;
  /** The provider of a row. Throws KeyUnavailable when it is not configured. */
  of(row: Pick<Wrapped, 'provider'>): KeyProvider;
  /** Whether asking early, before there is need, makes sense: not in an outage, and once a second at most. */
  mayAsk(now: number): boolean;
  close(): void;
}

export function createProviders(options: {
  provider: KeyProvider;
  formerly?: readonly KeyProvider[];
  log?: { warn(fields: object, text: string): void; info(fields: object, text: string): void };
}): Providers {
  const { provider: current, formerly = [], log } = options;
  const all = new Map([...formerly, current].map((one) => [one.id, one]));
  const down = new Map<string, { until: number; why: KeyUnavailable }>();
  let asked = -Infinity;

  const of: Providers['of'] = ({ provider }) => {
    const found = all.get(provider);
    if (!found)
      throw new KeyUnavailable(
        `the keys are wrapped by ${provider}, which is not configured: name it in AFAR_KEK_PROVIDER or AFAR_KEK_PROVIDER_OLD`,
      );
    return found;
  };

  async function ask<T>(provider: KeyProvider, work: () => Promise<T>): Promise<T> {
    const began = performance.now();
    const pause = down.get(provider.id);
    if (pause && began < pause.until) throw pause.why;
    try {
      const answer = await work();
      if (down.delete(provider.id))
        log?.info({ provider: provider.id }, 'the key provider answers again');
      return answer;
    } catch (cause) {
      const why =
        cause instanceof KeyUnavailable
          ? cause
          : new KeyUnavailable(`key provider ${provider.id} did not answer`, { cause });
      // A refusal that came at once costs nothing to ask for again; a deadline of seconds does.
      const ended = performance.now();
      const took = ended - began;
      const until = ended + (took < atOnceMs ? 0 : Math.min(took, longestPauseMs));
      if (!pause)
        log?.warn(
          { provider: provider.id, fault: why.message, alarm: 'key-provider' },
          'the key provider does not answer: records stay readable for the lifetime of the keys in memory, then requests get 503',
        );
      down.set(provider.id, { until, why });
      throw why;
    }
  }

  return {
    current,
    of,
    async wrap(plain, context) {
      const wrapped = await ask(current, () => current.wrap(plain, context));
      // Rare, and what it wraps opens everything: what was damaged on the way is found before it is relied on.
      const back = await ask(current, () => current.unwrap(wrapped, context));
      const same = back.equals(plain);
      back.fill(0);
      if (!same) throw new KeyUnavailable(`key provider ${current.id} gave back another key`);
      return { provider: current.id, wrapped };
    },
    unwrap: async (row, context) => {
      const provider = of(row);
      return ask(provider, () => provider.unwrap(row.wrapped, context));
    },
    close() {
      for (const one of all.values()) one.close?.();
    },
    mayAsk(now) {
      if (Math.abs(now - asked) < 1_000) return false;
      asked = now;
      return true;
    },
  };
}

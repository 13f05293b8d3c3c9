/** Gathers what concurrent requests ask, so that one round trip answers them all. */

interface Waiter<K, V> {
  key: K;
  resolve(value: V): void;
  reject(error: unknown): void;
}

export interface BatcherOptions<K> {
  /** Runs at a time. Default 2: a slow one does not hold all. */
  lanes?: number;
  /**
   * How long a run has the way to itself while more gathers behind it, ms: then the next lane opens. A statement that is
   * planned takes less than this, so that the second lane is for what is held up. Default 4.
   */
  patience?: number;
  /** Keys of one run. Default 256. */
  size?: number;
  /** Takes from those that wait the keys of the next run, the first always among them; default: as they came. */
  take?(waiting: readonly K[]): readonly K[];
}

/**
 * Runs `work` on what has gathered. A lone request does not wait: its run starts at the end of the same turn of the event
 * loop, with whatever else came in that turn.
 * @param work answers in the order of its keys; when it throws, all of that run are rejected
 */
export function batcher<K, V>(
  work: (keys: K[]) => Promise<V[]>,
  { lanes = 2, patience = 4, size = 256, take }: BatcherOptions<K> = {},
): (key: K) => Promise<V> {
  let waiting: Waiter<K, V>[] = [];
  let running = 0;
  let latest = 0;
  let scheduled = false;
  let timer: NodeJS.Timeout | undefined;

  async function run(batch: Waiter<K, V>[]): Promise<void> {
    running++;
    latest = performance.now();
    try {
      const values = await work(batch.map((one) => one.key));
      batch.forEach((one, at) => one.resolve(values[at]!));
    } catch (error) {
      for (const one of batch) one.reject(error);
    } finally {
      running--;
      schedule();
    }
  }

  function next(): Waiter<K, V>[] {
    if (!take) return waiting.splice(0, size);
    const chosen = new Set(take(waiting.slice(0, size).map((one) => one.key)));
    const batch = waiting.filter((one) => chosen.has(one.key));
    waiting = waiting.filter((one) => !chosen.has(one.key));
    return batch;
  }

  function start(): void {
    while (waiting.length > 0 && running < lanes) {
      if (running > 0 && waiting.length < size && performance.now() - latest < patience) break;
      void run(next());
    }
    if (waiting.length > 0 && running > 0 && running < lanes) later();
  }

  function later(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      start();
    }, patience);
  }

  function schedule(): void {
    if (scheduled || waiting.length === 0 || running >= lanes) return;
    if (running > 0 && waiting.length < size) {
      later();
      return;
    }
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      start();
    });
  }

  return (key) =>
    new Promise<V>((resolve, reject) => {
      waiting.push({ key, resolve, reject });
      schedule();
    });
}

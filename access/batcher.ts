/** Gathers what concurrent requests ask, so that one round trip answers them all. */

interface Waiter<K, V> {
  key: K;
  resolve(value: V): void;
  reject(error: unknown): void;
}

/**
 * Runs `work` on what has gathered, at most `lanes` runs at a time and `size` keys a run. A lone request
 * never waits for company: its run starts in the same turn of the event loop.
 * @param work answers in the order of its keys; when it throws, all of that run are rejected
 */
export function batcher<K, V>(
  work: (keys: K[]) => Promise<V[]>,
  { lanes = 1, size = 256 }: { lanes?: number; size?: number } = {},
): (key: K) => Promise<V> {
  const waiting: Waiter<K, V>[] = [];
  let running = 0;
  let scheduled = false;

  async function run(batch: Waiter<K, V>[]): Promise<void> {
    running++;
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

  function schedule(): void {
    if (scheduled || waiting.length === 0 || running >= lanes) return;
    scheduled = true;
    // After the microtasks of this turn: requests parsed from one read of the sockets go together.
    queueMicrotask(() => {
      scheduled = false;
      while (waiting.length > 0 && running < lanes) void run(waiting.splice(0, size));
    });
  }

  return (key) =>
    new Promise<V>((resolve, reject) => {
      waiting.push({ key, resolve, reject });
      schedule();
    });
}

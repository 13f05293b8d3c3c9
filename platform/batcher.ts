/** Gathers what concurrent requests of one tenant ask, so that one round trip answers them all. */
import { everyTenant, reach, within, undeclared, type Reach } from './tenancy.ts';

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
  /**
   * How long a run waits, ms, for as many keys as the one a moment ago had: under load requests that were answered together
   * come again together. 0: not at all. Default 2.
   */
  hold?: number;
  /** Keys of one run. Default 256. */
  size?: number;
  /** Takes from those that wait the keys of the next run, the first always among them; default: as they came. */
  take?(waiting: readonly K[]): readonly K[];
  /** One run for the keys of all tenants: for work that asks no table of theirs for rows. */
  together?: boolean;
}

/** A run this long ago, ms, says nothing about how many will come. */
const momentMs = 20;

/**
 * Runs `work` on what has gathered. A lone request does not wait: its run starts at the end of the same turn of the event
 * loop, with whatever else came in that turn.
 *
 * Each run wakes a backend, and that costs more than most keys do. bench/fhir.ts, sixteen connections, read Patient, CPU ms of
 * server and PostgreSQL a request: begun at once 0.33 (a floor of 0.09), held 0.27.
 *
 * A run is one tenant's: its statement bears that tenant, and row-level security would hide the rows of another.
 * @param work answers in the order of its keys; when it throws, all of that run are rejected
 */
export function batcher<K, V>(
  work: (keys: K[]) => Promise<V[]>,
  options: BatcherOptions<K> = {},
): (key: K) => Promise<V> {
  if (options.together) {
    const line = lineOf(work, options);
    return (key) => line.ask(key);
  }
  const lines = new Map<Reach | undefined, Line<K, V>>();
  return (key) => {
    const tenant = reach();
    let line = lines.get(tenant);
    if (!line) {
      if (lines.size >= mostLines) for (const [of, { idle }] of lines) if (idle()) lines.delete(of);
      line = lineOf((keys) => as(tenant, () => work(keys)), options);
      lines.set(tenant, line);
    }
    return line.ask(key);
  };
}

/** Tenants that are remembered while they ask nothing; what is forgotten is only how many came together last. */
const mostLines = 64;

function as<T>(tenant: Reach | undefined, work: () => T): T {
  if (tenant === undefined) return undeclared(work);
  return tenant === 'every' ? everyTenant(work) : within(tenant, work);
}

interface Line<K, V> {
  ask(key: K): Promise<V>;
  idle(): boolean;
}

function lineOf<K, V>(
  work: (keys: K[]) => Promise<V[]>,
  { lanes = 2, patience = 4, hold = 2, size = 256, take }: BatcherOptions<K>,
): Line<K, V> {
  let waiting: Waiter<K, V>[] = [];
  let running = 0;
  /** performance.now(): when the latest run began, when the last one ended, when the first of those that wait came. */
  let began = 0;
  let ended = 0;
  let since = 0;
  let lastSize = 1;
  let scheduled = false;
  let timer: NodeJS.Timeout | undefined;

  async function run(batch: Waiter<K, V>[]): Promise<void> {
    running++;
    began = performance.now();
    lastSize = batch.length;
    try {
      const values = await work(batch.map((one) => one.key));
      batch.forEach((one, at) => one.resolve(values[at]!));
    } catch (error) {
      for (const one of batch) one.reject(error);
    } finally {
      running--;
      ended = performance.now();
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

  /** How long from now, ms, those that wait should go on gathering. */
  function pause(): number {
    if (waiting.length >= size) return 0;
    const now = performance.now();
    if (running > 0) return began + patience - now;
    const expected = now - ended < momentMs ? Math.min(lastSize, size) : 1;
    return waiting.length < expected ? since + hold - now : 0;
  }

  function start(): void {
    clearTimeout(timer);
    timer = undefined;
    while (waiting.length > 0 && running < lanes) {
      const wait = pause();
      if (wait > 0) {
        timer = setTimeout(start, Math.ceil(wait));
        return;
      }
      void run(next());
    }
  }

  function schedule(): void {
    if (scheduled || waiting.length === 0 || running >= lanes) return;
    // Behind a run the timer is set already.
    if (timer && running > 0 && waiting.length < size) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      start();
    });
  }

  return {
    ask: (key) =>
      new Promise<V>((resolve, reject) => {
        if (waiting.length === 0) since = performance.now();
        waiting.push({ key, resolve, reject });
        schedule();
      }),
    idle: () => running === 0 && waiting.length === 0,
  };
}

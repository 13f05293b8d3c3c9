/**
 * FHIRPath of strangers, within limits of length, time and memory: a thread of its own that is ended when it takes too
 * long. Measured: 22 us for the way there and back, 2 ms to end a thread in a catastrophic regular expression, 350 ms
 * to start the next (library and model). Rejected: `vm` with a timeout (144 us a call, blocks the process meanwhile,
 * no limit of memory); a list of harmless functions (`where` inside `where` is enough for a bomb).
 */
import type { Worker } from 'node:worker_threads';
import type { Job, Question, Reply } from './job.ts';
import { heapLimit, longestQueue, timeLimit } from './limits.ts';

export type { Question, Reply } from './job.ts';

export interface BoundedFhirPath {
  /** One reply a question. When all together take too long, each is `too-costly`. Never rejects. */
  ask(resource: unknown, questions: readonly Question[], bundle?: unknown): Promise<Reply[]>;
  /** Whether expressions can be read and are within the limits; a reply without fault when so. */
  parse(expressions: readonly string[]): Promise<Reply[]>;
  /** Ends the thread; the next question starts another. */
  stop(): Promise<void>;
}

interface Waiting {
  job: Job;
  done(replies: Reply[]): void;
}

/** 20 s: the start of a thread on a machine that is busy with something else. */
const startLimit = 20_000;

/** The thread starts with the first question, and does not keep the process alive. */
export function boundedFhirPath({ ms = timeLimit }: { ms?: number } = {}): BoundedFhirPath {
  const queue: Waiting[] = [];
  let thread: Worker | undefined;
  let ready = false;
  let busy = false;
  let timer: NodeJS.Timeout | undefined;

  function settle(replies?: Reply[]): void {
    clearTimeout(timer);
    busy = false;
    const { job, done } = queue.shift()!;
    done(replies ?? job.questions.map(() => ({ fault: 'too-costly' })));
    next();
  }

  function end(): Promise<unknown> {
    const ended = thread;
    thread = undefined;
    ready = false;
    ended?.removeAllListeners();
    // It may still report that it ran out of memory while it is being ended.
    ended?.on('error', () => undefined);
    return Promise.resolve(ended?.terminate());
  }

  function fail(): void {
    void end();
    if (queue.length > 0) settle();
  }

  function start(): void {
    const here = import.meta.url;
    const made = new (workerThreads().Worker)(new URL('./thread.ts', here), {
      resourceLimits: { maxOldGenerationSizeMb: heapLimit },
      // The library warns on the console, and might print what is in a resource.
      stdout: true,
      stderr: true,
    });
    thread = made;
    made.unref();
    made.on('message', (message: 'ready' | Reply[]) => {
      if (message === 'ready') {
        ready = true;
        clearTimeout(timer);
        next();
      } else settle(message);
    });
    made.on('error', fail);
    made.on('exit', fail);
    timer = setTimeout(fail, startLimit);
  }

  function next(): void {
    if (busy || queue.length === 0) return;
    if (!thread) return start();
    if (!ready) return;
    busy = true;
    timer = setTimeout(fail, ms);
    thread.postMessage(queue[0]!.job);
  }

  const put = (job: Job): Promise<Reply[]> =>
    new Promise((done) => {
      if (queue.length >= longestQueue)
        return done(job.questions.map(() => ({ fault: 'too-costly' })));
      queue.push({ job, done });
      next();
    });

  return {
    ask: (resource, questions, bundle) => put({ resource, questions, bundle }),
    parse: (expressions) =>
      put({
        resource: undefined,
        questions: expressions.map((expression) => ({ expression })),
        only: 'parse',
      }),
    async stop() {
      clearTimeout(timer);
      await end();
      for (const { job, done } of queue.splice(0))
        done(job.questions.map(() => ({ fault: 'too-costly' })));
      busy = false;
    },
  };
}

/** Asked of the process and not imported: the web app loads this room too. */
function workerThreads(): { Worker: typeof Worker } {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  return process?.getBuiltinModule?.('node:worker_threads') as { Worker: typeof Worker };
}

/** The thread in which expressions of strangers run: it may be ended at any moment. */
import { parentPort } from 'node:worker_threads';
import type { Job, Question, Reply } from './job.ts';
import { fhirPathLibrary, type Evaluate } from './library.ts';
import { longestExpression, mostNodes } from './limits.ts';

const library = fhirPathLibrary()!;

/** Compiled expressions by type and text; all are forgotten when there are too many. */
const compiled = new Map<string, Evaluate | Reply>();
const mostCompiled = 2_000;

function nodesIn(tree: unknown): number {
  let count = 0;
  const rest = [tree];
  for (let one = rest.pop(); one !== undefined; one = rest.pop()) {
    count++;
    const { children } = one as { children?: unknown[] };
    if (Array.isArray(children)) rest.push(...children);
  }
  return count;
}

function compile({ expression, type }: Question): Evaluate | Reply {
  if (expression.length > longestExpression) return { fault: 'too-long' };
  const key = `${type ?? ''} ${expression}`;
  const known = compiled.get(key);
  if (known) return known;
  if (compiled.size >= mostCompiled) compiled.clear();
  const made = compileNew(expression, type);
  compiled.set(key, made);
  return made;
}

function compileNew(expression: string, type: string | undefined): Evaluate | Reply {
  try {
    if (nodesIn(library.parse(expression)) > mostNodes) return { fault: 'too-long' };
    return library.compile(expression, type);
  } catch {
    return { fault: 'unreadable' };
  }
}

function answer(job: Job, question: Question): Reply {
  const run = compile(question);
  if (typeof run !== 'function') return run;
  if (job.only === 'parse') return { values: [] };
  let focus = job.resource;
  let resource = job.resource;
  for (const step of question.path ?? []) {
    focus = (focus as Record<string | number, unknown> | null | undefined)?.[step];
    if ((focus as { resourceType?: unknown } | undefined)?.resourceType) resource = focus;
  }
  try {
    const environment = { resource, rootResource: job.resource, bundle: job.bundle };
    return { values: run(focus, environment) };
  } catch {
    return { fault: 'failed' };
  }
}

parentPort!.on('message', (job: Job) => {
  const replies = job.questions.map((one) => answer(job, one));
  // Values may be of the library's own kinds; what stands in JSON is all anybody asks for.
  parentPort!.postMessage(JSON.parse(JSON.stringify(replies)));
});
parentPort!.postMessage('ready');

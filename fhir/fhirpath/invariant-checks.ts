/** The standard's own invariants that are not coded by hand: compiled on first use, evaluated by the FHIRPath library. */
import type { Invariant } from '../invariants.ts';
import type { Walk } from '../walk.ts';
import { fhirPathLibrary, type Evaluate } from './library.ts';

/** 5,000: a tenth of a second. TestScripts with more parts than that are made to cost. */
const mostEvaluations = 5_000;

/** Checks of one type; without the library (in a browser) they pass, and the server has the last word. */
export function libraryChecks(
  type: string,
  invariants: readonly Invariant[],
): (value: unknown, walk: Walk) => void {
  let compiled: { text: string; run: Evaluate }[] | undefined;
  return (value, walk) => {
    compiled ??= compileAll(type, invariants);
    walk.evaluations += compiled.length;
    if (walk.evaluations > mostEvaluations)
      return walk.fault('too-costly', 'Too many parts whose rules are evaluated');
    const environment = { resource: walk.resource, rootResource: walk.rootResource };
    for (const { text, run } of compiled)
      if (!isTrue(run, value, environment)) walk.fault('invariant', text);
  };
}

function compileAll(type: string, invariants: readonly Invariant[]) {
  const library = fhirPathLibrary();
  if (!library) return [];
  // A resource is navigated by its own name; a part needs to be told what it is.
  const base = /^[A-Z]\w*$/.test(type) && invariants.length > 0 ? undefined : type;
  return invariants.map(({ key, text, expression }) => ({
    text: `${key}: ${text}`,
    run: library.compile(expression, base),
  }));
}

/** [FHIR R4 fhirpath.html] An invariant holds when it is true; nothing and errors are not true. */
export function isTrue(
  run: Evaluate,
  focus: unknown,
  environment: Record<string, unknown>,
): boolean {
  try {
    const [first, ...more] = run(focus, environment);
    return first === true && more.length === 0;
  } catch {
    return false;
  }
}

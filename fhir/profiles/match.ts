/** Whether values are what `fixed[x]` and `pattern[x]` ask for. */
import type { ElementDefinition } from '@medplum/fhirtypes';
import { same } from '../invariants/words.ts';

type Json = Record<string, unknown>;

/** [FHIR R4 elementdefinition-definitions.html#ElementDefinition.pattern_x_] All of the pattern is there; more may be. */
export function matchesPattern(value: unknown, pattern: unknown, depth = 0): boolean {
  if (depth > 64) return false;
  if (Array.isArray(pattern))
    return (
      Array.isArray(value) &&
      pattern.every((part) => value.some((one) => matchesPattern(one, part, depth + 1)))
    );
  if (typeof pattern !== 'object' || pattern === null) return value === pattern;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(pattern).every(([key, part]) =>
    matchesPattern((value as Json)[key], part, depth + 1),
  );
}

export const equals = (value: unknown, fixed: unknown): boolean => same(value, fixed);

/** The value of `fixedCode`, `patternCodeableConcept`, `minValueQuantity`... */
export function choiceValue(definition: ElementDefinition, stem: string): unknown {
  for (const [key, value] of Object.entries(definition))
    if (key.startsWith(stem) && /^[A-Z]/.test(key.slice(stem.length))) return value as unknown;
  return undefined;
}

/** -1, 0 or 1; undefined for what cannot be compared. */
export function compare(value: unknown, bound: unknown): number | undefined {
  if (typeof value === 'number' && typeof bound === 'number') return Math.sign(value - bound);
  if (typeof value === 'string' && typeof bound === 'string') return compareText(value, bound);
  if (typeof value !== 'object' || typeof bound !== 'object' || !value || !bound) return undefined;
  const [a, b] = [value as Json, bound as Json];
  const alike = a.system === b.system && (a.code ?? a.unit) === (b.code ?? b.unit);
  return alike ? compare(a.value, b.value) : undefined;
}

/** Dates of one precision and in one zone order as text; others by their instants. */
function compareText(a: string, b: string): number | undefined {
  if (a.length > 10 && b.length > 10 && /T/.test(a) && /T/.test(b)) {
    const difference = Date.parse(a) - Date.parse(b);
    return Number.isNaN(difference) ? undefined : Math.sign(difference);
  }
  const length = Math.min(a.length, b.length, 10);
  const [x, y] = [a.slice(0, length), b.slice(0, length)];
  if (x === y) return a.length === b.length ? 0 : undefined;
  return x < y ? -1 : 1;
}

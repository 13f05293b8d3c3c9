/** JSON Patch on a resource [FHIR R4 http.html#patch, RFC 6902]. */
import type { OperationOutcomeIssue, Resource } from '@medplum/fhirtypes';
import { carryDecimal, copyOf } from './exact.ts';
import { Refusal } from './refusal.ts';

/** 100 operations: a form's worth of changes; more is an update. */
const mostOperations = 100;
/** Values all copies of one patch may make: a resource has some hundreds. Copying what was copied doubles each time. */
const mostCopied = 20_000;
const names = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);
const needsValue = new Set(['add', 'replace', 'test']);
const needsFrom = new Set(['move', 'copy']);

/** The server's own: identity, type, version and time of update. */
const guarded = /^\/(?:id|resourceType|meta\/versionId|meta\/lastUpdated)(?:\/|$)/;
const pointer = /^(?:\/(?:[^~/]|~[01])*)*$/;
/** No element is called so; JavaScript objects answer to them. */
const prototypes = /\/(?:__proto__|constructor|prototype)(?:\/|$)/;

type Json = Record<string, unknown>;

interface Operation {
  op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  path: string;
  from: string;
  value: unknown;
}

/** A place in the document: what stands at `key` of `holder`, an array's end under its length. */
interface Place {
  holder: Json | unknown[];
  key: string | number;
}

class DoesNotApply extends Error {}

/**
 * The resource after the patch; the given one is not touched. All faults of the operations' shape are reported at
 * once. Decimals keep their precision. Throws `Refusal`: `invalid` for a malformed patch, `unprocessable` when an
 * operation does not apply (422, nothing is changed), `not-supported` for a change of id or resourceType, `too-costly` for
 * copies of copies. The result is not validated here.
 */
export function applyJsonPatch<T extends Resource>(resource: T, operations: unknown): T {
  if (!Array.isArray(operations))
    throw new Refusal('invalid', { diagnostics: 'A JSON Patch is an array of operations' });
  if (operations.length > mostOperations)
    throw new Refusal('too-large', { diagnostics: `More than ${mostOperations} operations` });
  const issues = operations.flatMap(shapeIssues);
  if (issues.length) throw new Refusal('invalid', { issues });
  const copy = copyOf(resource);
  const budget = { left: mostCopied };
  // One at a time, so that the first that fails stops the rest and is named.
  (operations as Operation[]).forEach((operation, index) => {
    try {
      apply(copy as unknown as Json, operation, budget);
    } catch (error) {
      if (!(error instanceof DoesNotApply)) throw error;
      throw new Refusal('unprocessable', {
        diagnostics: error.message,
        expression: [`[${index}]`],
      });
    }
  });
  if (copy.id !== resource.id || copy.resourceType !== resource.resourceType)
    throw new Refusal('not-supported', { diagnostics: 'id and resourceType cannot be changed' });
  return copy;
}

function apply(root: Json, operation: Operation, budget: { left: number }): void {
  const { op, path, from } = operation;
  switch (op) {
    case 'add':
      return put(placeOf(root, path), operation as unknown as Json, 'value');
    case 'remove':
      return take(existing(placeOf(root, path)));
    case 'replace': {
      const place = existing(placeOf(root, path));
      take(place);
      return put(place, operation as unknown as Json, 'value');
    }
    case 'copy': {
      const source = existing(placeOf(root, from));
      spend(valueAt(source), budget);
      return put(placeOf(root, path), source.holder, source.key);
    }
    case 'move': {
      if (path.startsWith(`${from}/`)) throw new DoesNotApply('A value cannot move into itself');
      const source = existing(placeOf(root, from));
      const held = detached(source);
      take(source);
      return put(placeOf(root, path), held, 'value');
    }
    default:
      if (!equal(valueAt(existing(placeOf(root, path))), operation.value))
        throw new DoesNotApply('A test operation does not hold');
  }
}

/** [RFC 6901] @throws DoesNotApply when what leads there does not exist */
function placeOf(root: Json, path: string): Place {
  const steps = path
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (steps.length === 0) return { holder: { '': root }, key: '' };
  let holder: unknown = root;
  for (const step of steps.slice(0, -1)) holder = valueAt(existing(keyed(holder, step)));
  return keyed(holder, steps.at(-1)!);
}

const missing = 'The path of an operation does not exist';

function keyed(holder: unknown, step: string): Place {
  if (Array.isArray(holder)) {
    if (step === '-') return { holder, key: holder.length };
    if (!/^(?:0|[1-9]\d{0,8})$/.test(step)) throw new DoesNotApply(missing);
    return { holder, key: Number(step) };
  }
  if (typeof holder !== 'object' || holder === null) throw new DoesNotApply(missing);
  return { holder: holder as Json, key: step };
}

const valueAt = ({ holder, key }: Place): unknown => (holder as Json)[key];

function existing(place: Place): Place {
  if (!Object.hasOwn(place.holder, place.key)) throw new DoesNotApply(missing);
  return place;
}

/** Puts a copy of what stands at `key` of `from`, its decimals as they were written. */
function put(place: Place, from: object, key: string | number): void {
  const { holder } = place;
  const value = copyOf((from as Json)[key]);
  if (!Array.isArray(holder)) {
    holder[place.key] = value;
  } else {
    const at = place.key as number;
    if (at > holder.length) throw new DoesNotApply(missing);
    holder.splice(at, 0, value);
  }
  carryDecimal(from, key, holder, place.key);
}

function take({ holder, key }: Place): void {
  if (Array.isArray(holder)) holder.splice(key as number, 1);
  else delete holder[key];
}

function detached({ holder, key }: Place): Json {
  const held: Json = { value: (holder as Json)[key] };
  carryDecimal(holder, key, held, 'value');
  return held;
}

function spend(value: unknown, budget: { left: number }): void {
  if (--budget.left < 0)
    throw new Refusal('too-costly', { diagnostics: 'The patch copies too much' });
  if (typeof value === 'object' && value !== null)
    for (const one of Object.values(value)) spend(one, budget);
}

/** [RFC 6902 4.6] Numbers are equal by value, objects whatever the order of their members. */
function equal(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || !one || !other) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = Object.keys(one);
  return (
    keys.length === Object.keys(other).length &&
    keys.every(
      (key) => Object.hasOwn(other, key) && equal((one as Json)[key], (other as Json)[key]),
    )
  );
}

function shapeIssues(operation: unknown, index: number): OperationOutcomeIssue[] {
  const fault = shapeFault(operation);
  if (fault === undefined) return [];
  return [{ severity: 'error', code: 'invalid', diagnostics: fault, expression: [`[${index}]`] }];
}

function shapeFault(operation: unknown): string | undefined {
  if (typeof operation !== 'object' || operation === null) return 'An operation is a JSON object';
  const { op, path, from } = operation as { op?: unknown; path?: unknown; from?: unknown };
  if (typeof op !== 'string' || !names.has(op))
    return 'op: add, remove, replace, move, copy or test';
  if (typeof path !== 'string' || !pointer.test(path)) return 'path: a JSON Pointer is expected';
  if (needsValue.has(op) && !('value' in operation)) return `${op} needs a value`;
  if (needsFrom.has(op) && (typeof from !== 'string' || !pointer.test(from)))
    return `${op} needs from`;
  if (path === '' && op !== 'test') return 'The whole resource cannot be patched';
  if (prototypes.test(path) || (typeof from === 'string' && prototypes.test(from)))
    return 'path: there is no such element';
  const changes = op === 'test' || op === 'copy' ? [path] : [path, from];
  const touches = changes.some((one) => typeof one === 'string' && guarded.test(one));
  return touches && op !== 'test'
    ? 'id, resourceType, version and time of update belong to the server'
    : undefined;
}

/** JSON Patch on a resource [FHIR R4 http.html#patch, RFC 6902]. */
import type { OperationOutcomeIssue, Resource } from '@medplum/fhirtypes';
import { applyPatch, type Operation } from 'rfc6902';
import { Refusal } from './refusal.ts';

/** 100 operations: a form's worth of changes; more is an update. */
const mostOperations = 100;
const names = new Set(['add', 'remove', 'replace', 'move', 'copy', 'test']);
const needsValue = new Set(['add', 'replace', 'test']);
const needsFrom = new Set(['move', 'copy']);

/** The server's own: identity, type, version and time of update. */
const guarded = /^\/(?:id|resourceType|meta\/versionId|meta\/lastUpdated)(?:\/|$)/;
const pointer = /^(?:\/(?:[^~/]|~[01])*)*$/;
/** No element is called so; JavaScript objects answer to them. */
const prototypes = /\/(?:__proto__|constructor|prototype)(?:\/|$)/;

/**
 * The resource after the patch; the given one is not touched. All faults of the operations' shape are reported at
 * once. Throws `Refusal`: `invalid` for a malformed patch, `unprocessable` when an operation does not apply
 * (422, nothing is changed), `not-supported` for a change of id or resourceType. The result is not validated here.
 */
export function applyJsonPatch<T extends Resource>(resource: T, operations: unknown): T {
  if (!Array.isArray(operations))
    throw new Refusal('invalid', { diagnostics: 'A JSON Patch is an array of operations' });
  if (operations.length > mostOperations)
    throw new Refusal('too-large', { diagnostics: `More than ${mostOperations} operations` });
  const issues = operations.flatMap(shapeIssues);
  if (issues.length) throw new Refusal('invalid', { issues });
  const copy = structuredClone(resource);
  // One at a time, so that the first that fails stops the rest and is named.
  operations.forEach((operation: Operation, index) => {
    const [error] = applyPatch(copy, [operation]);
    if (error)
      throw new Refusal('unprocessable', {
        diagnostics:
          error.name === 'TestError'
            ? 'A test operation does not hold'
            : 'The path of an operation does not exist',
        expression: [`[${index}]`],
      });
  });
  if (copy.id !== resource.id || copy.resourceType !== resource.resourceType)
    throw new Refusal('not-supported', { diagnostics: 'id and resourceType cannot be changed' });
  return copy;
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

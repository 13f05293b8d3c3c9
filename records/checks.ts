/** The named checks that endpoints and operations are lists of. */
import type { Caller, Verb } from '@afar/access';
import { hasContentRule, may, scopeAllows } from '@afar/access';
import { isResourceType, Refusal, validate } from '@afar/fhir';
import type { Resource } from '@afar/fhir';
import type { Stored } from './types.ts';

/** @throws Refusal `forbidden` when the caller's role or scope may not do this to the type */
export function requireMay(caller: Caller, verb: Verb, type: string): void {
  if (!may(caller, verb, type)) throw new Refusal('forbidden');
}

/** @throws Refusal `not-found`: [FHIR R4 http.html#general] an unknown type is not an endpoint */
export function requireType(type: string): void {
  if (!isResourceType(type))
    throw new Refusal('not-found', { diagnostics: 'no such resource type' });
}

/** [FHIR R4 datatypes.html#id] */
const idPattern = /^[A-Za-z0-9\-.]{1,64}$/;

/** @throws Refusal `not-found`: nothing can have such an id */
export function requireId(id: string): void {
  if (!idPattern.test(id)) throw new Refusal('not-found');
}

/** @throws Refusal `invalid` with one issue for each fault, each saying where */
export function requireValid(resource: unknown, type?: string): asserts resource is Resource {
  if (
    typeof resource !== 'object' ||
    resource === null ||
    typeof (resource as Resource).resourceType !== 'string'
  )
    throw new Refusal('invalid', { diagnostics: 'a resource is expected' });
  const issues = validate(resource).filter(
    (issue) => issue.severity === 'error' || issue.severity === 'fatal',
  );
  if (issues.length > 0) throw new Refusal('invalid', { issues });
  if (type !== undefined && (resource as Resource).resourceType !== type)
    throw new Refusal('invalid', {
      diagnostics: `${type} is expected here`,
      expression: ['resourceType'],
    });
}

/**
 * A granular scope is judged by the content, after it was opened.
 * @throws Refusal `not-found`: outside the scope is outside the world
 */
export function requireInScope(caller: Caller, verb: Verb, stored: Stored): void {
  if (!inScope(caller, verb, stored)) throw new Refusal('not-found');
}

/** True when her role or some scope has a condition on the content: then no index alone can say what the caller sees. */
export const hasGranularScope = hasContentRule;

export function inScope(
  caller: Caller,
  verb: Verb,
  stored: Pick<Stored, 'resource'> & { type?: string },
): boolean {
  // Without conditions on its content `may` has decided already, and the body need not be parsed.
  if (!hasContentRule(caller, stored.type ?? stored.resource.resourceType)) return true;
  return scopeAllows(caller, verb, stored.resource);
}

/**
 * [FHIR R4 http.html#concurrency] A weak ETag holds the version: `W/"3"`; several may be named, or any by an asterisk
 * [RFC 9110 13.1.1].
 * @throws Refusal `invalid` for anything else
 */
function names(ifMatch: string | number, version: number): boolean {
  if (typeof ifMatch === 'number') return ifMatch === version;
  if (ifMatch.trim() === '*') return true;
  const versions = ifMatch.split(',').map((one) => {
    const found = /^(?:W\/)?"(\d{1,9})"$/.exec(one.trim());
    if (!found) throw new Refusal('invalid', { diagnostics: 'If-Match: expected W/"<version>"' });
    return Number(found[1]);
  });
  return versions.includes(version);
}

/** @throws Refusal `version-conflict` (412) */
export function requireVersion(ifMatch: string | number | undefined, version: number): void {
  if (ifMatch !== undefined && !names(ifMatch, version)) throw new Refusal('version-conflict');
}

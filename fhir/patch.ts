/** A patch of either kind: JSON Patch is an array, FHIRPath Patch a Parameters resource [FHIR R4 http.html#patch]. */
import type { Parameters, Resource } from '@medplum/fhirtypes';
import { applyFhirPathPatch } from './fhirpath-patch.ts';
import { applyJsonPatch } from './json-patch.ts';
import { Refusal } from './refusal.ts';
import { validate } from './validate.ts';

/** The resource after the patch. @throws Refusal as `applyJsonPatch` and `applyFhirPathPatch` */
export function applyPatch<T extends Resource>(resource: T, patch: unknown): T {
  if (!isParameters(patch)) return applyJsonPatch(resource, patch);
  const issues = validate(patch).filter((one) => one.severity === 'error');
  if (issues.length > 0) throw new Refusal('invalid', { issues });
  return applyFhirPathPatch(resource, patch);
}

function isParameters(value: unknown): value is Parameters {
  return (value as { resourceType?: unknown } | null)?.resourceType === 'Parameters';
}

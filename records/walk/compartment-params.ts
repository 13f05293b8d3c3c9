/** Which references put a resource in a patient's chart: those of the standard's compartment, and those that name the owner. */
import { compartmentParams, ownerPath, resourceTypes } from '@afar/fhir';
import { ownerParams } from '../search/owner-params.ts';

const byType = new Map<string, readonly string[]>();

/** Search parameters that, where they lead to a Patient, put a resource of the type in her chart [FHIR R4 compartmentdefinition-patient.html]. */
export function chartParams(type: string): readonly string[] {
  let params = byType.get(type);
  if (!params) {
    const all = new Set([...compartmentParams(type), ...ownerParams(type)]);
    if (ownerPath[type] === 'subject' && all.size === 0) all.add('subject');
    byType.set(type, (params = [...all]));
  }
  return params;
}

/** Types that can stand in a chart; Patient among them. In order. */
export const chartTypes: readonly string[] = resourceTypes
  .filter(
    (type) =>
      type === 'Patient' || ownerPath[type] !== undefined || compartmentParams(type).length > 0,
  )
  .toSorted();

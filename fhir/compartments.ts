/** The standard's compartments: what belongs to a patient, an encounter, a practitioner, a related person, a device. */
import lines from './generated/compartments.json' with { type: 'json' };

let table: Map<string, Map<string, readonly string[]>> | undefined;

/**
 * Types with resources in the compartment of a `Patient`, `Encounter`, `Practitioner`, `RelatedPerson` or `Device`, and
 * the parameters by which they are in it: any one of them suffices [FHIR R4 compartmentdefinition.html]. Undefined for
 * a type that has no compartment.
 */
export function compartment(of: string): ReadonlyMap<string, readonly string[]> | undefined {
  if (!table) {
    table = new Map();
    for (const line of lines) {
      const [owner = '', type = '', ...params] = line.split(' ');
      const types = table.get(owner) ?? new Map<string, readonly string[]>();
      table.set(owner, types.set(type, params));
    }
  }
  return table.get(of);
}

/** Which reference parameters name the owner of a resource: `Observation?patient=` and `subject=`, not `performer=`. */
import type { Resource } from '@afar/fhir';
import { ownerPath, searchParams } from '@afar/fhir';

/** Golden: the owner path repeats, so a patient it names need not be the owner. Found by edge instead. */
export const severalOwners: ReadonlySet<string> = new Set([
  'Account',
  'Appointment',
  'Contract',
  'Person',
  'Provenance',
]);

const byType = new Map<string, ReadonlySet<string>>();

/** Parameters of the type that, when they name a patient, name the owner and so the key of the index. */
export function ownerParams(type: string): ReadonlySet<string> {
  let params = byType.get(type);
  if (!params) byType.set(type, (params = find(type)));
  return params;
}

// Asked of the extractors themselves: those that see a patient put on the owner path.
function find(type: string): ReadonlySet<string> {
  const path = ownerPath[type];
  if (!path || severalOwners.has(type)) return new Set();
  const probe = path
    .split('.')
    .reduceRight<unknown>((inner, step) => ({ [step]: inner }), { reference: 'Patient/probe' });
  const resource = { resourceType: type, ...(probe as object) } as Resource;
  const found = new Set<string>();
  for (const [code, param] of searchParams(type)) {
    if (param.type === 'reference' && param.extract(resource).length > 0) found.add(code);
  }
  return found;
}

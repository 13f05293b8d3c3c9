/** A person's name as one line. */
import type { HumanName, Resource } from '@afar/fhir';

export function lineOf(name: HumanName | undefined): string {
  if (!name) return '';
  return name.text ?? [...(name.given ?? []), name.family ?? ''].join(' ').trim();
}

/** The name in use of a Patient; empty for what has none. */
export function nameOf(resource: Resource): string {
  if (resource.resourceType !== 'Patient') return '';
  const names = resource.name ?? [];
  return lineOf(names.find((one) => one.use === 'official') ?? names[0]);
}

/** Lists what a summary shows: one line a type, `Patient identifier active name ...` [FHIR R4 elementdefinition, isSummary]. */
import type { StructureDefinition } from '@medplum/fhirtypes';

/**
 * Elements of a summary by the type that holds them, nested types (`Patient.link`) as types of their own; a choice
 * stands by its base name. Types without any are left out.
 */
export function summaryLines(structures: Map<string, StructureDefinition>): string[] {
  const out = new Map<string, string[]>();
  for (const definition of structures.values()) {
    if (definition.kind === 'primitive-type') continue;
    for (const { path = '', isSummary, isModifier, max } of definition.snapshot?.element ?? []) {
      const dot = path.lastIndexOf('.');
      // What changes the meaning of the rest is never left out.
      if (dot < 0 || max === '0' || !(isSummary || isModifier)) continue;
      const owner = path.slice(0, dot);
      out.set(owner, [...(out.get(owner) ?? []), path.slice(dot + 1).replace('[x]', '')]);
    }
  }
  return [...out].map(([type, names]) => [type, ...new Set(names)].join(' '));
}

/** Turns ElementDefinition.constraint into one line an invariant, and bindings that only advise into one line each. */
import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';
import type { TypeShape } from './structure.ts';

/** What the walk itself checks: empty objects, active content, contained resources, local references. */
const walked = new Set(['ele-1', 'txt-1', 'txt-2', 'dom-3', 'ref-1']);
/** Checked by hand at every DomainResource and Extension: one line each, not one for every element. */
const everywhere: Readonly<Record<string, string>> = {
  'ext-1': 'Extension',
  'dom-2': 'DomainResource',
  'dom-4': 'DomainResource',
  'dom-5': 'DomainResource',
  'dom-6': 'DomainResource',
};

/** `Type key error|warning ;; human ;; expression`; an invariant of an element stands at its owner, as `element.all(...)`. */
export function invariantLines(
  structures: ReadonlyMap<string, StructureDefinition>,
  all: ReadonlyMap<string, TypeShape>,
): string[] {
  const lines = new Set<string>();
  for (const { snapshot } of structures.values())
    for (const element of snapshot?.element ?? [])
      for (const { key = '', severity, human, expression } of element.constraint ?? []) {
        if (walked.has(key) || !expression) continue;
        const place = placeOf(key, element.path ?? '', all);
        if (!place) continue;
        const whole = place.element ? `${place.element}.all(${expression})` : expression;
        lines.add(`${place.type} ${key} ${severity} ;; ${human?.trim()} ;; ${whole}`);
      }
  return [...lines].toSorted();
}

function placeOf(
  key: string,
  path: string,
  all: ReadonlyMap<string, TypeShape>,
): { type: string; element?: string } | undefined {
  const common = everywhere[key];
  if (common) return { type: common };
  if (all.has(path)) return { type: path };
  const dot = path.lastIndexOf('.');
  return all.has(path.slice(0, dot))
    ? { type: path.slice(0, dot), element: path.slice(dot + 1).replace('[x]', '') }
    : undefined;
}

/** `Type element extensible|preferred valueSet` */
export function bindingLines(structures: ReadonlyMap<string, StructureDefinition>): string[] {
  return [...structures.values()].flatMap(({ kind, snapshot }) =>
    kind === 'primitive-type' ? [] : (snapshot?.element ?? []).flatMap(bindingLine),
  );
}

function bindingLine({ path, binding, max }: ElementDefinition): string[] {
  const { strength, valueSet } = binding ?? {};
  const dot = path.lastIndexOf('.');
  if (dot < 0 || max === '0' || !valueSet) return [];
  if (strength !== 'extensible' && strength !== 'preferred') return [];
  const name = path.slice(dot + 1).replace('[x]', '');
  return [`${path.slice(0, dot)} ${name} ${strength} ${valueSet.split('|')[0]}`];
}

/** Expands value sets of required bindings to codes; HL7's own code systems only, for others' licences differ. */
import type {
  CodeSystem,
  CodeSystemConcept,
  ValueSet,
  ValueSetComposeInclude,
  ValueSetComposeIncludeFilter,
} from '@medplum/fhirtypes';
import type { Definitions } from './definitions.ts';

/** Codes by system, or undefined when the set draws on systems that are not HL7's. */
export type Expansion = Map<string, Set<string>> | undefined;

const ours = /^http:\/\/(hl7\.org\/fhir\/|terminology\.hl7\.org\/CodeSystem\/)/;

export function expand(url: string, definitions: Definitions): Expansion {
  const valueSet = definitions.valueSets.get(url);
  const out = new Map<string, Set<string>>();
  if (!valueSet?.compose) return undefined;
  for (const include of valueSet.compose.include ?? [])
    if (!add(include, out, definitions)) return undefined;
  for (const exclude of valueSet.compose.exclude ?? []) {
    const gone = new Map<string, Set<string>>();
    if (!add(exclude, gone, definitions)) return undefined;
    for (const [system, codes] of gone) for (const code of codes) out.get(system)?.delete(code);
  }
  return complete(out, valueSet) ? out : undefined;
}

function complete(out: Map<string, Set<string>>, { url }: ValueSet): boolean {
  const size = [...out.values()].reduce((sum, codes) => sum + codes.size, 0);
  // 2,500: more than the largest set bound as required in R4; a bigger one points at a mistake here.
  if (size > 2500) throw new Error(`${url} has ${size} codes`);
  return size > 0;
}

function add(
  include: ValueSetComposeInclude,
  out: Map<string, Set<string>>,
  definitions: Definitions,
): boolean {
  for (const url of include.valueSet ?? []) {
    const inner = expand(url.split('|')[0]!, definitions);
    if (!inner) return false;
    for (const [system, codes] of inner) for (const code of codes) put(out, system, code);
  }
  if (!include.system) return true;
  if (!ours.test(include.system)) return false;
  if (include.concept) {
    for (const { code } of include.concept) put(out, include.system, code ?? '');
    return true;
  }
  const system = definitions.codeSystems.get(include.system);
  if (!system?.concept || system.content !== 'complete') return false;
  const codes = select(system, include.filter ?? []);
  for (const code of codes ?? []) put(out, include.system, code);
  return codes !== undefined;
}

function put(out: Map<string, Set<string>>, system: string, code: string): void {
  const codes = out.get(system) ?? new Set();
  out.set(system, codes.add(code));
}

function select(system: CodeSystem, filters: ValueSetComposeIncludeFilter[]): string[] | undefined {
  const parents = new Map<string, Set<string>>();
  const usable = new Set<string>();
  const walk = (concepts: CodeSystemConcept[], parent?: string): void => {
    for (const { code = '', concept, property } of concepts) {
      const mine = parents.get(code) ?? new Set();
      if (parent) mine.add(parent);
      for (const one of property ?? [])
        if ((one.code === 'subsumedBy' || one.code === 'parent') && one.valueCode)
          mine.add(one.valueCode);
      parents.set(code, mine);
      if (!property?.some((one) => one.code === 'notSelectable' && one.valueBoolean))
        usable.add(code);
      walk(concept ?? [], code);
    }
  };
  walk(system.concept ?? []);
  const under = (code: string, root: string): boolean =>
    [...(parents.get(code) ?? [])].some((parent) => parent === root || under(parent, root));
  let codes = [...parents.keys()].filter((code) => usable.has(code) || filters.length === 0);
  for (const { property, op, value = '' } of filters) {
    if (property !== 'concept' || (op !== 'is-a' && op !== 'descendent-of')) return undefined;
    codes = codes.filter((code) => (op === 'is-a' && code === value) || under(code, value));
  }
  return codes;
}

/** `name system code code|system code` */
export function setLine(name: string, expansion: Map<string, Set<string>>): string {
  return `${name} ${[...expansion].map(([system, codes]) => [system, ...codes].join(' ')).join('|')}`;
}

/** Turns StructureDefinitions into one line a type: `Patient<DomainResource active?boolean name*HumanName ...`. */
import type {
  ElementDefinition,
  ElementDefinitionType,
  StructureDefinition,
} from '@medplum/fhirtypes';

export interface Element {
  name: string;
  /** `?` 0..1, `!` 1..1, `*` 0..*, `+` 1..*. */
  card: string;
  choice: boolean;
  types: { code: string; targets: string[] }[];
  /** Canonical URL of the value set of a required binding. */
  binding?: string;
}

export interface TypeShape {
  name: string;
  base: string;
  elements: Element[];
}

const tail = (url: string): string => url.slice(url.lastIndexOf('/') + 1);

/** All complex types and resources, nested ones (`Patient.contact`) as types of their own. */
export function shapes(structures: Map<string, StructureDefinition>): Map<string, TypeShape> {
  const out = new Map<string, TypeShape>();
  for (const definition of structures.values()) {
    if (definition.kind === 'primitive-type') continue;
    out.set(definition.name, {
      name: definition.name,
      base: definition.baseDefinition ? tail(definition.baseDefinition) : '',
      elements: [],
    });
    for (const element of definition.snapshot?.element ?? []) addElement(element, out);
  }
  for (const shape of out.values()) dropInherited(shape, out);
  return out;
}

function addElement(element: ElementDefinition, out: Map<string, TypeShape>): void {
  const path = element.path ?? '';
  const dot = path.lastIndexOf('.');
  if (dot < 0 || element.max === '0') return;
  const owner = out.get(path.slice(0, dot));
  if (!owner) throw new Error(`No owner for ${path}`);
  const name = path.slice(dot + 1);
  const types = element.contentReference
    ? [{ code: tail(element.contentReference).replace('#', ''), targets: [] }]
    : (element.type ?? []).map((type) => typeOf(type, path));
  const first = types[0]?.code;
  if (types.length === 1 && (first === 'BackboneElement' || first === 'Element')) {
    out.set(path, { name: path, base: first, elements: [] });
    types[0]!.code = path;
  }
  owner.elements.push({
    name: name.replace('[x]', ''),
    card: cardinality(element),
    choice: name.endsWith('[x]'),
    types,
    ...(element.binding?.strength === 'required' && element.binding.valueSet
      ? { binding: element.binding.valueSet.split('|')[0]! }
      : {}),
  });
}

function cardinality({ min, max, path }: ElementDefinition): string {
  if (max === '1') return min === 0 ? '?' : '!';
  if (max === '*' && (min === 0 || min === 1)) return min === 0 ? '*' : '+';
  throw new Error(`Unforeseen cardinality ${min}..${max} of ${path}`);
}

function typeOf(type: ElementDefinitionType, path: string): { code: string; targets: string[] } {
  const code = type.code ?? '';
  if (path === 'Resource.id' || /^[A-Z]\w+\.id$/.test(path) === false || !code.includes('fhirpath'))
    return { code: code.includes('fhirpath') ? systemType(type) : code, targets: targets(type) };
  return { code: systemType(type), targets: [] };
}

// Element.id and Extension.url carry their FHIR type in an extension.
function systemType(type: ElementDefinitionType): string {
  const named = type.extension?.find((one) => one.url?.endsWith('structuredefinition-fhir-type'));
  return named?.valueUrl ?? named?.valueUri ?? 'string';
}

function targets(type: ElementDefinitionType): string[] {
  const names = (type.targetProfile ?? []).map(tail);
  return type.code !== 'Reference' || names.includes('Resource') ? [] : names;
}

function dropInherited(shape: TypeShape, all: Map<string, TypeShape>): void {
  const inherited = new Set<string>();
  for (let base = all.get(shape.base); base; base = all.get(base.base))
    for (const element of base.elements) inherited.add(element.name);
  shape.elements = shape.elements.filter((element) => !inherited.has(element.name));
  // A resource's id is an `id` [FHIR R4 resource.html#id], an element's is a `string`.
  if (shape.name === 'Resource')
    for (const element of shape.elements) if (element.name === 'id') element.types[0]!.code = 'id';
}

/** One line a type; `#name` marks a required binding to one of `sets`. */
export function structureLines(
  all: Map<string, TypeShape>,
  setOf: (url: string) => string | undefined,
): string[] {
  return [...all.values()].map(({ name, base, elements }) =>
    [`${name}<${base}`, ...elements.map((element) => elementText(element, setOf))].join(' '),
  );
}

function elementText(element: Element, setOf: (url: string) => string | undefined): string {
  const types = element.types.map(({ code, targets: to }) =>
    to.length ? `${code}(${to.join()})` : code,
  );
  const set = element.binding && setOf(element.binding);
  return `${element.name}${element.choice ? '[x]' : ''}${element.card}${types.join('|')}${set ? `#${set}` : ''}`;
}

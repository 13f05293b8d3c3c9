/** Elements of a profile as a tree: what base types give, unfolded where somebody looks deeper. */
import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';
import { typeModel, type ElementModel } from '../model.ts';

export interface ElementNode {
  /** `component`, `value[x]`; the type for a root. */
  name: string;
  /** `Observation.component` */
  path: string;
  slice?: string;
  definition: ElementDefinition;
  /** Nothing but what the base type says, which is checked for every resource anyway. */
  untouched: boolean;
  /** Undefined until somebody looks deeper. */
  children?: Map<string, ElementNode>;
  slices: ElementNode[];
}

/** Definitions by canonical address, with or without `|version`. */
export type Lookup = (canonical: string) => StructureDefinition | undefined;

/** What makes a profile unusable, for whoever wrote it. */
export class ProfileFault extends Error {}

const core = 'http://hl7.org/fhir/StructureDefinition/';

/** The type behind a canonical address of R4's own types; undefined for a profile. */
export function coreType(canonical: string): string | undefined {
  const name = canonical.startsWith(core) ? canonical.slice(core.length).split('|')[0]! : '';
  if (name === 'Element' || name === 'Resource') return name;
  return typeModel(name) && !name.includes('.') ? name : undefined;
}

const cardinality = (name: string, path: string, min: number, max: string): ElementDefinition =>
  ({ id: path, path, min, max }) as ElementDefinition;

/** A base type: its elements, nested ones inline as HL7's snapshots have them. */
export function baseTree(type: string): ElementNode {
  const root: ElementNode = {
    name: type,
    path: type,
    definition: cardinality(type, type, 0, '*'),
    untouched: true,
    slices: [],
  };
  root.children = childrenOf(type, type);
  return root;
}

/** The children of an element of this type; a primitive has an id, extensions and a value. */
export function childrenOf(type: string, path: string): Map<string, ElementNode> {
  const model = typeModel(type) ?? typeModel('Element')!;
  const out = new Map<string, ElementNode>();
  for (const element of model.elements) {
    const name = element.choice ? `${element.choice}[x]` : element.name;
    const known = out.get(name);
    if (known) known.definition.type!.push(typeOf(element));
    else out.set(name, nodeOf(element, name, `${path}.${name}`));
  }
  return out;
}

function nodeOf(element: ElementModel, name: string, path: string): ElementNode {
  const definition = {
    ...cardinality(name, path, element.required ? 1 : 0, element.many ? '*' : '1'),
    type: [typeOf(element)],
  };
  const node: ElementNode = { name, path, definition, untouched: true, slices: [] };
  // Nested types stand inline; those that contain themselves only when somebody looks.
  if (element.type.includes('.') && element.type === path)
    node.children = childrenOf(element.type, path);
  return node;
}

function typeOf({ type, targets }: ElementModel): NonNullable<ElementDefinition['type']>[number] {
  return {
    code: type.includes('.') ? 'BackboneElement' : type,
    ...(type.includes('.') ? { _nested: type } : {}),
    ...(targets ? { targetProfile: targets.map((one) => core + one) } : {}),
  };
}

/** The nested type an element leads to (`Questionnaire.item` of `Questionnaire.item.item`). */
export function nestedType({ definition, path }: ElementNode): string | undefined {
  const reference = definition.contentReference;
  if (reference) return reference.slice(reference.indexOf('#') + 1);
  const [first] = (definition.type ?? []) as { code?: string; _nested?: string }[];
  if (first?._nested) return first._nested;
  const backbone = first?.code === 'BackboneElement' || first?.code === 'Element';
  return backbone && typeModel(path) ? path : undefined;
}

/** A copy that can be changed without changing the original. */
export function copyTree(node: ElementNode): ElementNode {
  return {
    ...node,
    definition: { ...node.definition },
    ...(node.children
      ? { children: new Map([...node.children].map(([name, one]) => [name, copyTree(one)])) }
      : {}),
    slices: node.slices.map(copyTree),
  };
}

/** In the order of a snapshot: an element, its children, its slices. */
export function flatten(root: ElementNode): ElementDefinition[] {
  const out: ElementDefinition[] = [];
  const visit = (node: ElementNode, id: string): void => {
    const type = node.definition.type?.map(({ ...one }) => {
      delete (one as { _nested?: string })._nested;
      return one;
    });
    out.push({
      ...node.definition,
      id,
      path: node.path,
      ...(type ? { type } : {}),
      ...(node.slice ? { sliceName: node.slice } : {}),
    });
    for (const child of node.children?.values() ?? []) visit(child, `${id}.${child.name}`);
    for (const slice of node.slices) visit(slice, `${id.replace(/:[^.:]*$/, '')}:${slice.slice}`);
  };
  visit(root, root.name);
  return out;
}

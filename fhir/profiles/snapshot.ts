/** From a StructureDefinition to the tree of all its elements: base type, then each profile it stands on, then its own differential. */
import type { ElementDefinition, StructureDefinition } from '@medplum/fhirtypes';
import {
  baseTree,
  childrenOf,
  copyTree,
  coreType,
  flatten,
  nestedType,
  ProfileFault,
  type ElementNode,
  type Lookup,
} from './tree.ts';

/** 16: the longest chain of national upon regional upon international profiles known has 6. */
const deepestChain = 16;
/** US Core's largest snapshot has 120 elements, R4's largest 300. */
const mostElements = 5_000;

/** @throws ProfileFault when the base is not known, the chain has no end, or an element does not exist */
export function profileTree(
  definition: StructureDefinition,
  lookup: Lookup,
  chain: readonly string[] = [],
): ElementNode {
  const { url, type, snapshot, differential, baseDefinition } = definition;
  if (chain.includes(url) || chain.length >= deepestChain)
    throw new ProfileFault('its base profiles have no end');
  if (definition.kind === 'logical') throw new ProfileFault('it is a logical model');
  const elements = snapshot?.element ?? differential?.element ?? [];
  if (elements.length > mostElements) throw new ProfileFault('it has too many elements');
  if (snapshot) return apply(baseOf(type), elements, lookup);
  if (!baseDefinition) throw new ProfileFault('it names no base');
  const own = coreType(baseDefinition);
  if (own !== undefined) return apply(baseOf(own), elements, lookup);
  const base = lookup(baseDefinition);
  if (!base) throw new ProfileFault('its base is not known');
  if (base.type !== type) throw new ProfileFault('it is of another type than its base');
  return apply(profileTree(base, lookup, [...chain, url]), elements, lookup);
}

/**
 * The elements that a StructureDefinition with a differential only stands for [FHIR R4 profiling.html#snapshot].
 * @throws ProfileFault
 */
export function snapshotOf(definition: StructureDefinition, lookup: Lookup): ElementDefinition[] {
  return flatten(profileTree(definition, lookup));
}

function baseOf(type: string): ElementNode {
  if (coreType(`http://hl7.org/fhir/StructureDefinition/${type}`) === undefined)
    throw new ProfileFault('it is of no type of R4');
  return baseTree(type);
}

function apply(
  root: ElementNode,
  elements: readonly ElementDefinition[],
  lookup: Lookup,
): ElementNode {
  /** The slice that elements without an id below this path belong to. */
  const current = new Map<string, string>();
  for (const element of elements) {
    const segments = element.id?.includes('.')
      ? segmentsOf(element.id)
      : segmentsByPath(element, current);
    let node = root;
    for (const segment of segments) node = descend(node, segment, lookup);
    merge(node, element);
  }
  return root;
}

interface Segment {
  name: string;
  slice?: string;
}

function segmentsOf(id: string): Segment[] {
  return id
    .split('.')
    .slice(1)
    .map((text) => {
      const colon = text.indexOf(':');
      return colon < 0
        ? { name: text }
        : { name: text.slice(0, colon), slice: text.slice(colon + 1) };
    });
}

function segmentsByPath({ path, sliceName }: ElementDefinition, current: Map<string, string>) {
  const names = path.split('.');
  for (const known of current.keys())
    // A new element or slice ends the slices below it.
    if (known.startsWith(`${path}.`) || known === path) current.delete(known);
  if (sliceName) current.set(path, sliceName);
  return names.slice(1).map((name, at): Segment => {
    const slice = current.get(names.slice(0, at + 2).join('.'));
    return slice === undefined ? { name } : { name, slice };
  });
}

function descend(node: ElementNode, { name, slice }: Segment, lookup: Lookup): ElementNode {
  node.children ??= unfold(node, lookup);
  let child = node.children.get(name);
  if (!child) {
    const choice = choiceFor(node.children, name);
    if (!choice) throw new ProfileFault('an element of it does not exist in its base');
    // `valueQuantity` is a short way to say `value[x]:valueQuantity` [FHIR R4 profiling.html#slicing].
    child = sliceOf(choice, name);
  }
  return slice === undefined ? child : sliceOf(child, slice);
}

function choiceFor(children: Map<string, ElementNode>, name: string): ElementNode | undefined {
  for (const child of children.values()) {
    const stem = child.name.endsWith('[x]') ? child.name.slice(0, -3) : undefined;
    if (stem !== undefined && name.startsWith(stem) && typeNamed(child, name)) return child;
  }
  return undefined;
}

function typeNamed(choice: ElementNode, name: string): string | undefined {
  const suffix = name.slice(choice.name.length - 3);
  return choice.definition.type?.find(({ code }) => code && upper(code) === suffix)?.code;
}

const upper = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

/** A slice of this name, made from the element it slices when it is new; `a/b` is a slice of the slice `a`. */
function sliceOf(node: ElementNode, name: string): ElementNode {
  const slash = name.lastIndexOf('/');
  const parent = slash > 0 ? (find(node, name.slice(0, slash)) ?? node) : node;
  const known = find(parent, name);
  if (known) return known;
  const made = copyTree({ ...parent, slices: [] });
  delete made.definition.slicing;
  made.slice = name;
  made.definition.min = 0;
  const only = node.name.endsWith('[x]') ? typeNamed(node, name) : undefined;
  if (only) {
    made.definition.type = node.definition.type!.filter(({ code }) => code === only);
    delete made.children;
  }
  parent.slices.push(made);
  return made;
}

function find(node: ElementNode, name: string): ElementNode | undefined {
  for (const slice of node.slices) {
    if (slice.slice === name) return slice;
    const inner = find(slice, name);
    if (inner) return inner;
  }
  return undefined;
}

/** What stands below an element: its profile's elements, its nested type's, or its type's. */
export function unfold(node: ElementNode, lookup: Lookup): Map<string, ElementNode> {
  const nested = nestedType(node);
  if (nested !== undefined) return childrenOf(nested, node.path);
  const types = node.definition.type ?? [];
  const [first] = types;
  const profile =
    types.length === 1 && first?.profile?.length === 1 ? lookup(first.profile[0]!) : undefined;
  if (profile) {
    const { children } = repath(profileTree(profile, lookup), node.path);
    if (children) return children;
  }
  return childrenOf(types.length === 1 ? systemless(first!.code ?? '') : 'Element', node.path);
}

function systemless(code: string): string {
  return code.startsWith('http://hl7.org/fhirpath/') ? 'Element' : code;
}

function repath(node: ElementNode, path: string): ElementNode {
  node.path = path;
  for (const child of node.children?.values() ?? []) repath(child, `${path}.${child.name}`);
  for (const slice of node.slices) repath(slice, path);
  return node;
}

/** Identity and structure are the tree's; everything else is said anew, but invariants are added to those there are. */
function merge(node: ElementNode, element: ElementDefinition): void {
  const { id: _id, path: _path, sliceName: _slice, constraint = [], ...said } = element;
  const before = node.definition.constraint ?? [];
  const added = constraint.filter(({ key }) => !before.some((one) => one.key === key));
  const narrowed = said.type !== undefined && !sameTypes(node, said.type);
  if (narrowed && nestedType(node) === undefined) delete node.children;
  const nested = nestedType(node);
  Object.assign(node.definition, said);
  if (nested !== undefined && said.type !== undefined && !element.contentReference)
    node.definition.type = [{ ...said.type[0], _nested: nested } as (typeof said.type)[0]];
  if (before.length + added.length > 0) node.definition.constraint = [...before, ...added];
  node.untouched = false;
}

function sameTypes(node: ElementNode, types: NonNullable<ElementDefinition['type']>): boolean {
  const codes = (list: ElementDefinition['type']) => (list ?? []).map(({ code }) => code).join();
  return codes(node.definition.type) === codes(types) && types.every(({ profile }) => !profile);
}

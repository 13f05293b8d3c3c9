/** `@first`, `@flatten` and `@singleton`: the answer reshaped after it was found [FHIR R4 graphql.html#flattening]. */
import { GraphQLDirective } from 'graphql';
import type { FieldNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql';

const directive = (name: string, description: string) =>
  new GraphQLDirective({ name, description, locations: ['FIELD'] });

export const directives = [
  directive('first', 'The first of a list, alone.'),
  directive('flatten', 'Puts what is in it in its place; of a list, each field becomes a list.'),
  directive('singleton', 'Stays one value where @flatten makes lists.'),
];

type Json = Record<string, unknown>;
type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

const has = (field: FieldNode, name: string): boolean =>
  field.directives?.some((one) => one.name.value === name) ?? false;

/** True when there is anything to reshape. */
export function isReshaped(text: string): boolean {
  return /@(?:first|flatten)\b/.test(text);
}

/** Fields of a selection by the name they have in the answer, fragments written out. */
function fieldsOf(
  set: SelectionSetNode,
  fragments: Fragments,
  out = new Map<string, FieldNode[]>(),
) {
  for (const one of set.selections) {
    if (one.kind === 'Field') {
      const name = (one.alias ?? one.name).value;
      out.set(name, [...(out.get(name) ?? []), one]);
    } else {
      const inner =
        one.kind === 'InlineFragment'
          ? one.selectionSet
          : fragments.get(one.name.value)?.selectionSet;
      if (inner) fieldsOf(inner, fragments, out);
    }
  }
  return out;
}

export function reshaped(data: unknown, set: SelectionSetNode, fragments: Fragments): unknown {
  if (Array.isArray(data)) return data.map((one) => reshaped(one, set, fragments));
  if (typeof data !== 'object' || data === null) return data;
  const fields = fieldsOf(set, fragments);
  const out = Object.create(null) as Json;
  for (const [name, value] of Object.entries(data)) {
    const nodes = fields.get(name) ?? [];
    let inner = value;
    const inside = nodes.find((node) => node.selectionSet)?.selectionSet;
    if (inside) {
      // The same name may be asked for twice, with another part each.
      const selections = nodes.flatMap((node) => node.selectionSet?.selections ?? []);
      inner = reshaped(value, { ...inside, selections }, fragments);
    }
    if (Array.isArray(inner) && nodes.some((node) => has(node, 'first'))) inner = inner[0] ?? null;
    if (inside && nodes.some((node) => has(node, 'flatten'))) lift(out, inner, inside, fragments);
    else out[name] = inner;
  }
  return out;
}

function lift(out: Json, value: unknown, set: SelectionSetNode, fragments: Fragments): void {
  if (value === null || value === undefined) return;
  if (!Array.isArray(value)) return void Object.assign(out, value);
  const fields = fieldsOf(set, fragments);
  for (const one of value as (Json | null)[])
    for (const [name, inner] of Object.entries(one ?? {})) {
      if (fields.get(name)?.some((node) => has(node, 'singleton'))) out[name] ??= inner;
      else if (inner !== null) {
        const held = out[name];
        out[name] = [
          ...(Array.isArray(held) ? (held as unknown[]) : []),
          ...(Array.isArray(inner) ? (inner as unknown[]) : [inner]),
        ];
      }
    }
}

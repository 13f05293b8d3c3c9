/** Looks at a document before anything is made of it: how deep, how wide, whether it turns in a circle. */
import type { DocumentNode, FragmentDefinitionNode, SelectionSetNode } from 'graphql';
import { Refusal } from '@afar/fhir';
import { tooCostly } from './limits.ts';
import type { Limits } from './limits.ts';

interface Size {
  depth: number;
  fields: number;
}

/**
 * Fragments are measured once each and counted wherever they are spread: what doubles with every fragment is found
 * without writing it out.
 * @throws Refusal `too-costly`, `invalid` for fragments that spread themselves
 */
export function requireModest(document: DocumentNode, limits: Limits): void {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const one of document.definitions)
    if (one.kind === 'FragmentDefinition') fragments.set(one.name.value, one);
  const measured = new Map<string, Size>();
  const open = new Set<string>();

  const fragment = (name: string): Size => {
    const known = measured.get(name);
    if (known) return known;
    const found = fragments.get(name);
    // A name that leads nowhere is the validator's to tell.
    if (!found) return { depth: 0, fields: 0 };
    if (open.has(name)) throw new Refusal('invalid', { diagnostics: 'a fragment spreads itself' });
    open.add(name);
    const size = sizeOf(found.selectionSet);
    open.delete(name);
    measured.set(name, size);
    return size;
  };

  const sizeOf = ({ selections }: SelectionSetNode): Size => {
    let [depth, fields] = [0, 0];
    for (const one of selections) {
      const inner =
        one.kind === 'FragmentSpread'
          ? fragment(one.name.value)
          : one.selectionSet
            ? sizeOf(one.selectionSet)
            : { depth: 0, fields: 0 };
      const own = one.kind === 'Field' ? 1 : 0;
      depth = Math.max(depth, inner.depth + own);
      fields += inner.fields + own;
      if (depth > limits.depth) throw tooCostly('depth');
      if (fields > limits.fields) throw tooCostly('fields');
    }
    return { depth, fields };
  };

  for (const one of document.definitions)
    if (one.kind === 'OperationDefinition') sizeOf(one.selectionSet);
  for (const name of fragments.keys()) fragment(name);
}

/** FHIRPath's `resolve()` without a network: what is contained, what stands in the same Bundle, else the type an address tells. */
import { parseReference } from '../reference-shape.ts';

type Json = Record<string, unknown>;

interface Context {
  vars?: Record<string, unknown>;
}

/** The library's own wrapping of a value, which knows what type it has. */
interface Node {
  data?: unknown;
  ctx?: Context;
  constructor: {
    makeResNode?(ctx: Context | undefined, data: unknown, ...none: null[]): unknown;
  };
}

/** @param nodes References, or addresses as text */
export function resolveWithin(nodes: readonly Node[]): unknown[] {
  return nodes.flatMap((node) => {
    const { data, ctx } = node;
    const address = typeof data === 'string' ? data : (data as Json | undefined)?.reference;
    if (typeof address !== 'string') return [];
    const found = targetOf(address, ctx?.vars?.rootResource, ctx?.vars?.bundle);
    if (!found) return [];
    return [node.constructor.makeResNode?.(ctx, found, null, null, null, null) ?? found];
  });
}

/** The resource an address leads to inside `root` or `bundle`; else `{ resourceType }` when the address tells it. */
export function targetOf(address: string, root: unknown, bundle?: unknown): Json | undefined {
  const { local, type, id } = parseReference(address);
  if (local !== undefined) return local === '' ? (root as Json) : containedIn(root, local);
  const entry = list((bundle as Json | undefined)?.entry).find(
    (one) => one.fullUrl === address || (type !== undefined && isEntry(one, type, id)),
  );
  if (entry?.resource) return entry.resource as Json;
  return type === undefined ? undefined : { resourceType: type };
}

function containedIn(root: unknown, id: string): Json | undefined {
  return list((root as Json | undefined)?.contained).find((one) => one.id === id);
}

function isEntry({ resource }: Json, type: string, id: string | undefined): boolean {
  const { resourceType, id: own } = (resource ?? {}) as Json;
  return resourceType === type && own === id;
}

const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);

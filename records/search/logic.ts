/** `_filter`: one, all or none of several parts, as one part. */
import type { Logic } from '@afar/fhir';
import { conditionOf } from './conditions.ts';
import type { Doc, Part } from './types.ts';

/** The index narrows where all of the alternatives can be narrowed; the body decides. */
export function logicPart(kind: Logic['kind'], parts: Part[]): Part {
  const wantsKeys = parts.some((part) => part.wantsKeys);
  const preparing = parts.filter((part) => part.prepare);
  const where = whereOf(kind, parts);
  return {
    plan: 'verify',
    param: '_filter',
    verify: verifierOf(kind, parts),
    ...(kind === 'any' && driving(parts)),
    ...(where && { where }),
    ...(wantsKeys && { wantsKeys }),
    ...(preparing.length > 0 && {
      async prepare(docs: readonly Doc[]) {
        for (const part of preparing) await part.prepare!(docs);
      },
    }),
  };
}

/** Alternatives of one kind lead to rows as each of them does. */
function driving(parts: Part[]): Pick<Part, 'edge' | 'rids' | 'tokens'> {
  if (parts.every((part) => part.edge)) {
    const targets = parts.flatMap((part) => part.edge!.targets);
    const params = parts.flatMap((part) => part.edge!.params);
    return { edge: { targets: [...new Set(targets)], params: [...new Set(params)] } };
  }
  if (parts.every((part) => part.rids)) {
    return { rids: [...new Set(parts.flatMap((part) => part.rids!))] };
  }
  if (parts.every((part) => part.tokens)) {
    return { tokens: [...new Set(parts.flatMap((part) => part.tokens!))] };
  }
  return {};
}

function verifierOf(kind: Logic['kind'], parts: Part[]): Part['verify'] {
  if (kind === 'all') return (doc) => parts.every((part) => part.verify(doc));
  if (kind === 'any') return (doc) => parts.some((part) => part.verify(doc));
  return (doc) => !parts.some((part) => part.verify(doc));
}

function whereOf(kind: Logic['kind'], parts: Part[]): Part['where'] {
  // What the index says is never more than a match implies: its contrary says nothing.
  if (kind === 'none') return undefined;
  const conditions = parts.map(conditionOf).filter((one) => one !== undefined);
  if (conditions.length === 0 || (kind === 'any' && conditions.length < parts.length)) {
    return undefined;
  }
  return (params) =>
    `(${conditions.map((one) => one(params)).join(kind === 'any' ? ' or ' : ' and ')})`;
}

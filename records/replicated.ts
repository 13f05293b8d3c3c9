/** Which reads may be answered by a replica: knowledge and descriptions, that belong to nobody and that no grant opens. */
import type { Caller } from '@afar/access';
import { resourceClass } from '@afar/fhir';
import type { Queryable, Replicas } from '@afar/platform';

/**
 * Grants and denials are asked of the primary alone, so nothing that one of them could open or shut leaves it. What is left
 * is small in number and read often: code systems, value sets, questionnaires, structure and search definitions.
 */
export function mayLeave(type: string): boolean {
  const one = resourceClass[type];
  return one === 'public' || one === 'definitional';
}

/**
 * Where a read of a type goes: the replicas, where there are any and the caller was looked up on the primary a moment ago (what
 * was committed before that is seen); `sql` in every other case, a transaction's among them.
 */
export function readerOf(
  { db, replicas }: { db: Queryable; replicas?: Replicas },
  sql: Queryable,
  { level }: Pick<Caller, 'level'>,
  type: string,
): Queryable {
  if (!replicas || sql !== db || level === undefined || !mayLeave(type)) return sql;
  return {
    query: (one, values) =>
      replicas.query(
        typeof one === 'string' ? { text: one, ...(values && { values }) } : one,
        level,
      ),
  };
}

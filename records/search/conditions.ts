/** A part as SQL over alias `r`: what every match satisfies, whatever drives. */
import type { Params } from '../scoped.ts';
import type { Part } from './types.ts';

/** Undefined when only the body can tell. */
export function conditionOf(part: Part): ((params: Params) => string) | undefined {
  const { rids, edge, tokens, where } = part;
  if (rids) return (params) => `r.rid = any(${params.add(rids)}::uuid[])`;
  if (edge) return (params) => edgeCondition(params, edge.targets, edge.params);
  // The row holds its own tokens: no second probe of the index.
  if (tokens) return (params) => `r.tokens && ${params.add(tokens.map(String))}::bigint[]`;
  return where;
}

/** The row points at one of the targets by one of the parameters. */
export function edgeCondition(params: Params, targets: string[], names: string[]): string {
  return `exists (select from records.edge e where e.tenant = r.tenant and e.source = r.rid
    and e.source_type = r.type and e.target = any(${params.add(targets)}::uuid[])
    and e.params && ${params.add(names)}::text[] offset 0)`;
}

/** An empty list of ids, tokens or targets: no row can match. */
export function isEmpty({ rids, tokens, edge }: Part): boolean {
  return rids?.length === 0 || tokens?.length === 0 || edge?.targets.length === 0;
}

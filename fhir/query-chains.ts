/** Chained parameters and reverse chaining [FHIR R4 search.html#chaining, search.html#has]. */
import { paramOf, parseClause, refused, type QueryOptions } from './parse-query.ts';
import { Refusal } from './refusal.ts';
import { isResourceType } from './resource-class.ts';
import type { Clause } from './search-query.ts';

/** Eight hops: each is a search of its own with the policy of its own, and pays into one bound for them all. */
const deepest = 8;

function tooDeep(): Refusal {
  return new Refusal('too-costly', { diagnostics: `A chain of more than ${deepest} links` });
}

/** `subject:Patient.name`, `subject.name`, `general-practitioner.organization.name` */
export function parseChain(
  type: string,
  name: string,
  dot: number,
  value: string,
  options: QueryOptions,
  depth: number,
): Clause | undefined {
  if (depth >= deepest) throw tooDeep();
  const [code = '', wanted] = name.slice(0, dot).split(':');
  const rest = name.slice(dot + 1);
  const param = paramOf(type, code, options);
  if (!param) return undefined;
  if (param.type !== 'reference') throw refused(code, 'it leads nowhere: it is no reference');
  const candidates = wanted === undefined ? param.targets : [wanted];
  if (!candidates) throw refused(code, 'say which type it leads to, as in name:Patient.name');
  if (
    wanted !== undefined &&
    (!isResourceType(wanted) || param.targets?.includes(wanted) === false)
  )
    throw refused(code, 'it does not lead to that type');
  const clauses = candidates.flatMap((target) => {
    const match = parseClause(target, rest, value, options, depth + 1);
    return match ? [{ target, match }] : [];
  });
  const first = clauses[0];
  if (!first) return undefined;
  // Targets that read the value in another way (a token here, a string there) would need clauses of their own.
  const shape = shapeOf(first.match);
  const alike = clauses.filter(({ match }) => shapeOf(match) === shape);
  if (alike.length < clauses.length)
    throw refused(code, 'say which type it leads to, as in name:Patient.name');
  return {
    kind: 'chain',
    param: code,
    targets: alike.map(({ target }) => target),
    match: first.match,
  };
}

/** Parameter names and kinds along a clause, without its values. */
function shapeOf(clause: Clause): string {
  if (clause.kind === 'value') return `${clause.param}:${clause.type}`;
  if (!('match' in clause)) return `${clause.kind}(${clause.of.map(shapeOf).join()})`;
  const type = clause.kind === 'has' ? clause.type : '';
  return `${clause.kind}:${type}:${clause.param}.${shapeOf(clause.match)}`;
}

/** `_has:Observation:patient:code=1234-5`, nested by another `_has` at its end. */
export function parseHas(
  name: string,
  value: string,
  options: QueryOptions,
  depth: number,
): Clause | undefined {
  if (depth >= deepest) throw tooDeep();
  const [, type = '', code = '', ...rest] = name.split(':');
  const param = isResourceType(type) ? paramOf(type, code, options) : undefined;
  if (!param || param.type !== 'reference' || rest.length === 0)
    throw refused('_has', 'expected _has:Type:reference-parameter:parameter');
  const match = parseClause(type, rest.join(':'), value, options, depth + 1);
  return match && { kind: 'has', type, param: code, match };
}

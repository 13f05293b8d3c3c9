/** From a criterion to its plan: what the index can say about it, and what the body has to. */
import type { Criterion, ReferenceValue, SearchParams, TokenValue, Units } from '@afar/fhir';
import { Refusal, searchParams } from '@afar/fhir';
import type { DataKey } from '@afar/platform';
import { demographic, directoryTypes } from '../directory/entry.ts';
import { answersInDirectory } from '../directory/matches.ts';
import type { Params } from '../scoped.ts';
import {
  anyToken,
  exactToken,
  externalToken,
  logicalToken,
  unindexed,
  unique,
  uriToken,
} from '../tokens.ts';
import { clinicalDateParam } from '../write/clinical-date.ts';
import { compositeMatches } from './composite.ts';
import { edgeCondition } from './conditions.ts';
import {
  boundsOf,
  lastUpdatedCondition,
  periodCondition,
  spanCondition,
} from './date-conditions.ts';
import { dateMatches } from './intervals.ts';
import { matches } from './match.ts';
import type { Reach } from './reach.ts';
import type { Doc, Part, PlanKind } from './types.ts';
import { wholeMatches } from './whole.ts';

/** What compiling needs to know beside the criterion. */
export interface Compiling {
  type: string;
  /** The instant of the request, ms. */
  now: number;
  tenantKey: DataKey;
  reach: Reach;
  /** rid of an id of a type; undefined for one nobody ever wrote or referred to. */
  ridOf(type: string, id: string): string | undefined;
  /** Present when a quantity of the query has a unit of UCUM. */
  units?: Units | undefined;
  /** Default: the standard's. */
  params?: SearchParams;
  /** Parameters that no index answers (yet). Default: none. */
  onBody?(type: string, code: string): boolean;
}

/** How a parameter of a type is answered, given a plain value. One place for the search and for its documentation. */
export function planOf(
  type: string,
  criterion: Pick<Criterion, 'param' | 'type' | 'modifier'>,
): PlanKind {
  const { param, modifier } = criterion;
  const plain = modifier === undefined;
  if (param === '_id') return plain ? 'id' : 'verify';
  if (param === '_lastUpdated') return plain ? 'date' : 'verify';
  if (directoryTypes.has(type) && answersInDirectory(criterion, demographic)) {
    return 'directory';
  }
  if (modifier && onBody.has(modifier)) return 'verify';
  switch (criterion.type) {
    case 'token':
      if (modifier === 'of-type') return unique.has(param) ? 'exact' : 'verify';
      return unindexed.has(param) || modifier !== undefined ? 'verify' : 'exact';
    case 'uri':
      return unindexed.has(param) || modifier !== undefined ? 'verify' : 'exact';
    case 'reference':
      return modifier === 'identifier' ? 'exact' : 'edge';
    case 'date':
      return 'date';
    default:
      return 'verify';
  }
}

/** Modifiers no index says anything about. */
const onBody: ReadonlySet<string> = new Set(['missing', 'not', 'text', 'equals', 'ends-with']);

/**
 * Of codes, `:in`, `:not-in`, `:below` and `:above` are lists of codes by now (resolve-clauses.ts).
 * @throws Refusal `not-supported`: a modifier that cannot be honoured is never passed over [FHIR R4 search.html#modifiers]
 */
export function compile(criterion: Criterion, on: Compiling): Part {
  const { param, modifier } = criterion;
  if (criterion.type === 'token' && modifier && listed.has(modifier)) {
    throw new Refusal('not-supported', {
      diagnostics: `The modifier :${modifier} is not supported for ${param}`,
      expression: [param],
    });
  }
  const part: Part = {
    plan: on.onBody?.(on.type, param) ? 'verify' : planOf(on.type, criterion),
    param,
    verify: verifier(criterion, on),
  };
  switch (part.plan) {
    case 'id':
      return { ...part, rids: idsOf(criterion, on) };
    case 'date':
      return { ...part, ...dateWhere(criterion, on) };
    case 'edge':
      return referencePart(part, criterion, on);
    case 'exact':
      return tokenPart(part, criterion, on);
    default:
      return part;
  }
}

const listed: ReadonlySet<string> = new Set(['in', 'not-in', 'below', 'above']);

function verifier(criterion: Criterion, on: Compiling): Part['verify'] {
  const { type, now, units, params = searchParams } = on;
  if (criterion.param === '_id' && !criterion.modifier) {
    const ids = new Set(criterion.values.map((value) => (value as TokenValue).code));
    return ({ stored }) => ids.has(stored.id);
  }
  if (criterion.param === '_lastUpdated') {
    if (criterion.modifier === 'missing') return () => criterion.missing === false;
    return ({ stored }) => {
      const target = { start: stored.updated, end: stored.updated + 1 };
      return criterion.values.some(
        (value) => value.kind === 'date' && dateMatches(value, target, now),
      );
    };
  }
  if (criterion.type === 'composite') {
    const param = params(type).get(criterion.param)!;
    if (criterion.modifier === 'missing') {
      return ({ stored }) => (param.find(stored.resource).length === 0) === criterion.missing;
    }
    return (doc: Doc) => compositeMatches(doc.stored.resource, param, criterion, { now, units });
  }
  if (criterion.type === 'special') {
    if (criterion.modifier === 'missing') {
      return ({ stored }) =>
        (params(type).get(criterion.param)!.find(stored.resource).length === 0) ===
        criterion.missing;
    }
    return ({ stored }) => wholeMatches(stored.resource, criterion);
  }
  return (doc) => matches(doc.indexed(criterion.param), criterion, { now, units });
}

function idsOf({ values }: Criterion, { type, ridOf }: Compiling): string[] {
  return values
    .map((value) => ridOf(type, (value as TokenValue).code ?? ''))
    .filter((rid) => rid !== undefined);
}

function dateWhere(criterion: Criterion, { type, now }: Compiling): Pick<Part, 'where' | 'before'> {
  const { param, values } = criterion;
  const dates = values.filter((value) => value.kind === 'date');
  const clinical = param === clinicalDateParam(type);
  const one = (params: Params, value: (typeof dates)[number]) => {
    if (param === '_lastUpdated') return lastUpdatedCondition(value, params, now);
    if (clinical) return spanCondition(value, params, now, 'r.at', 'r.until');
    return periodCondition(value, params, now, type, param);
  };
  const last = Math.max(...dates.map((value) => boundsOf(value, now).before ?? Infinity));
  return {
    where: (params) => anyOf(dates.map((value) => one(params, value))),
    ...(clinical && Number.isFinite(last) && { before: last }),
  };
}

function anyOf(conditions: string[]): string {
  return conditions.length === 1 ? conditions[0]! : `(${conditions.join(' or ')})`;
}

function referencePart(part: Part, criterion: Criterion, on: Compiling): Part {
  const { param } = criterion;
  const targets = (on.params ?? searchParams)(on.type).get(param)?.targets;
  const rids: string[] = [];
  const tokens: bigint[] = [];
  for (const value of criterion.values as ReferenceValue[]) {
    if (value.id === undefined) {
      for (const index of value.url === undefined ? [] : on.tenantKey.indexes)
        tokens.push(externalToken(index, on.type, param, value.url!));
      continue;
    }
    for (const type of value.type ? [value.type] : (targets ?? [])) {
      const rid = on.ridOf(type, value.id);
      if (rid && !rids.includes(rid)) rids.push(rid);
    }
  }
  if (tokens.length === 0) return { ...part, edge: { targets: rids, params: [param] } };
  if (rids.length === 0) return { ...part, plan: 'exact', tokens };
  // Ours or theirs: two indexes, one OR. Rare, and never the only thing that narrows a large type.
  return {
    ...part,
    where: (params) =>
      `(r.tokens && ${params.add(tokens.map(String))}::bigint[] or ${edgeCondition(params, rids, [param])})`,
  };
}

/** 10,000 hashes take 25 ms, in which nobody else is served. */
const mostTokens = 10_000;

function tokenPart(part: Part, criterion: Criterion, on: Compiling): Part {
  const { param, values, modifier } = criterion;
  const { type, tenantKey, reach } = on;
  const once = unique.has(param) || modifier === 'identifier';
  const keys = once ? [tenantKey] : reach.keys;
  if (!once && !reach.bounded) return { ...part, plan: 'verify', wantsKeys: true };
  // A long list of codes over a wide panel: the rows are read chart by chart, and each body looked at.
  if (keys.length * values.length > mostTokens) return { ...part, plan: 'verify' };
  // While index keys are rotated a row stands under the old one or the new one.
  const indexes = keys.flatMap((key) => key.indexes);
  const tokens = new Set<bigint>();
  for (const value of values) {
    for (const index of indexes) {
      if (value.kind === 'uri') tokens.add(uriToken(index, type, param, value.value));
      else if (value.kind === 'reference') {
        // Without a system, or without a value, no token says it: only the body does.
        if (value.system === undefined || value.code === undefined)
          return { ...part, plan: 'verify' };
        tokens.add(logicalToken(index, type, param, value.system, value.code));
      } else if (value.kind === 'token') {
        // [FHIR R4 search.html#modifiers] `:of-type` system|code|value: only the value is indexed.
        const code = modifier === 'of-type' ? value.value : value.code;
        if (code === undefined) return { ...part, plan: 'verify' };
        tokens.add(
          value.system && modifier !== 'of-type'
            ? exactToken(index, type, param, value.system, code)
            : anyToken(index, type, param, code),
        );
      }
    }
  }
  return { ...part, tokens: [...tokens], unique: once };
}

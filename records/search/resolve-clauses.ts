/** What a clause needs from elsewhere before it can be compiled: codes of value sets, hierarchies, lists. */
import type { Clause, Criterion, ReferenceValue, SearchParams, TokenValue } from '@afar/fhir';
import { Refusal, ucumSystem, wholeParams } from '@afar/fhir';
import type { Terminology } from '../types.ts';
import { judgedPart } from './judged.ts';
import type { Hop } from './chains.ts';
import type { Part, Run } from './types.ts';

/** Codes written out for one criterion: of more the bodies' own codes are judged one by one. */
const mostCodes = 1_000;

/** A hierarchy of places or organisations: deeper or wider ones are not walked. */
const deepest = 12;
const widest = 1_000;

export interface Resolving {
  run: Run;
  type: string;
  terminology: Terminology | undefined;
  hop: Hop;
  /** Parts that are made already: the compiler does not see their clauses. */
  made: Map<Clause, Part>;
}

/** Whether there is anything to look up: most searches have nothing. */
export function needsResolving(clause: Clause): boolean {
  if (clause.kind !== 'value') return 'of' in clause && clause.of.some(needsResolving);
  const { modifier, type, param } = clause;
  return param === '_list' || (modifier !== undefined && type !== 'string');
}

/** The clause with everything looked up; the clause itself when there was nothing to look up. */
export async function resolveClause(clause: Clause, on: Resolving): Promise<Clause> {
  if (clause.kind === 'any' || clause.kind === 'all' || clause.kind === 'none') {
    const of: Clause[] = [];
    for (const one of clause.of) of.push(await resolveClause(one, on));
    return { ...clause, of };
  }
  if (clause.kind !== 'value') return clause;
  const { modifier, type } = clause;
  if (clause.param === '_list' && wholeParams.has(clause.param)) return listed(clause, on);
  if (type === 'token' && modifier && codeLists.has(modifier)) return coded(clause, on);
  if (type === 'reference' && (modifier === 'below' || modifier === 'above')) {
    return hierarchical(clause, on);
  }
  return clause;
}

/** Whether some quantity of the clause has a unit of UCUM. */
export function hasUnits(clause: Clause): boolean {
  if (clause.kind === 'value') {
    return clause.values.some((value) => {
      const parts = value.kind === 'composite' ? value.parts : [value];
      return parts.some((part) => part.kind === 'quantity' && part.system === ucumSystem);
    });
  }
  // A hop's own search sees to its units.
  return 'of' in clause && clause.of.some(hasUnits);
}

const codeLists: ReadonlySet<string> = new Set(['in', 'not-in', 'below', 'above']);

/** [FHIR R4 search.html#modifiers] `:in`, `:not-in`, `:below`, `:above` of codes: a list of codes, or its absence. */
async function coded(criterion: Criterion, on: Resolving): Promise<Criterion> {
  const { modifier, values } = criterion;
  const port = on.terminology;
  if (!port) {
    throw refusal('not-supported', criterion, 'no code systems are served here');
  }
  const { modifier: _, ...plain } = criterion;
  const result: Criterion = { ...plain, ...(modifier === 'not-in' && { modifier: 'not' }) };
  const codes: TokenValue[] = [];
  for (const value of values) {
    const found =
      value.kind === 'uri'
        ? await expansion(port, on.run, value.value)
        : await relatives(port, on.run, criterion, value as TokenValue);
    if (found === undefined) {
      throw refusal('not-supported', criterion, 'the value set or code is not known here');
    }
    if (!found.complete && value.kind !== 'uri') {
      throw refusal('too-costly', criterion, `more than ${mostCodes} codes`);
    }
    if (!found.complete || codes.length + found.codes.length > mostCodes) {
      on.made.set(result, judgedPart(on.run, port, criterion));
      return result;
    }
    codes.push(...found.codes);
  }
  return { ...result, values: codes };
}

async function expansion(port: Terminology, { caller }: Run, valueSet: string) {
  const found = await port.expand(caller, valueSet, mostCodes);
  return (
    found && {
      complete: found.complete,
      codes: found.codes.map((one) => ({ kind: 'token' as const, ...one })),
    }
  );
}

async function relatives(port: Terminology, { caller }: Run, criterion: Criterion, of: TokenValue) {
  const { system, code } = of;
  if (!system || code === undefined) {
    throw refusal('invalid', criterion, 'expected system|code');
  }
  const way = criterion.modifier === 'below' ? port.below : port.above;
  const found = await way.call(port, caller, { system, code }, mostCodes);
  return (
    found && {
      complete: found.complete,
      codes: found.codes.map((one) => ({ kind: 'token' as const, system, code: one })),
    }
  );
}

/** The parameter by which resources of the type are parts of others of their kind. */
function partParam(type: string, params: SearchParams): string | undefined {
  const own = params(type);
  return ['partof', 'part-of'].find((code) => {
    const param = own.get(code);
    return param?.type === 'reference' && param.targets?.includes(type);
  });
}

/**
 * [FHIR R4 search.html#recursive] `location:below=Location/1`: it and all its parts; `:above`: it and what it is part of.
 * Canonical addresses are left as they are: their versions are compared.
 */
async function hierarchical(criterion: Criterion, on: Resolving): Promise<Criterion> {
  const values = criterion.values as ReferenceValue[];
  if (values.every((value) => value.id === undefined)) return criterion;
  const targets = on.run.params(on.type).get(criterion.param)?.targets ?? [];
  const reached: ReferenceValue[] = [];
  for (const value of values) {
    if (value.id === undefined) {
      throw refusal('not-supported', criterion, 'addresses of one kind only');
    }
    for (const type of value.type ? [value.type] : targets) {
      const param = partParam(type, on.run.params);
      if (!param) continue;
      const ids = await walk(on, type, param, value.id, criterion);
      reached.push(...ids.map((id) => ({ kind: 'reference' as const, type, id })));
    }
  }
  if (reached.length === 0) {
    throw refusal('not-supported', criterion, 'what it leads to has no parts');
  }
  const { modifier: _, ...plain } = criterion;
  return { ...plain, values: reached };
}

async function walk(
  { run, hop }: Resolving,
  type: string,
  param: string,
  from: string,
  criterion: Criterion,
): Promise<string[]> {
  const ids = new Set([from]);
  let level = [from];
  for (let depth = 0; depth < deepest && level.length > 0; depth++) {
    const asked: Criterion =
      criterion.modifier === 'below'
        ? {
            kind: 'value',
            param,
            type: 'reference',
            values: level.map((id) => ({ kind: 'reference', type, id })),
          }
        : {
            kind: 'value',
            param: '_id',
            type: 'token',
            values: level.map((code) => ({ kind: 'token', code })),
          };
    const docs = await hop.all(run, type, [asked], widest);
    const next = docs?.flatMap((doc) =>
      criterion.modifier === 'below'
        ? [doc.stored.id]
        : doc.indexed(param).references.flatMap((one) => (one.type === type ? [one.id!] : [])),
    );
    if (!next || ids.size + next.length > widest) {
      throw refusal('too-costly', criterion, `a hierarchy of more than ${widest}`);
    }
    level = next.filter((id) => !ids.has(id));
    for (const id of level) ids.add(id);
  }
  return [...ids];
}

/** [FHIR R4 search.html#list] The resources that a List the caller may see names. */
async function listed(criterion: Criterion, { run, type, hop }: Resolving): Promise<Criterion> {
  const lists = criterion.values.flatMap((value) => (value.kind === 'list' ? [value.id] : []));
  const asked: Criterion = {
    kind: 'value',
    param: '_id',
    type: 'token',
    values: lists.map((code) => ({ kind: 'token', code })),
  };
  const docs = await hop.all(run, 'List', [asked], widest);
  if (!docs) throw new Refusal('too-costly', { diagnostics: '_list: too many lists' });
  const ids = new Set<string>();
  for (const doc of docs) {
    for (const one of doc.indexed('item').references) {
      if (one.type === type && one.id !== undefined) ids.add(one.id);
    }
  }
  return {
    kind: 'value',
    param: '_id',
    type: 'token',
    values: [...ids].map((code) => ({ kind: 'token', code })),
  };
}

function refusal(
  code: 'not-supported' | 'invalid' | 'too-costly',
  { param, modifier }: Criterion,
  why: string,
): Refusal {
  return new Refusal(code, { diagnostics: `${param}:${modifier}: ${why}`, expression: [param] });
}

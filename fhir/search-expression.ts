/**
 * Search parameters of a clinic's own: the FHIRPath that search parameters are written in, compiled to an extractor as fast as
 * the standard's. Whatever is outside this grammar is refused, so that no expression can take long or reach out.
 *
 *     Patient.extension('urn:x').value.ofType(CodeableConcept) | Patient.contact.where(gender='male').name
 *
 * Paths of elements; `[0]`; `where(element='text')`; `extension('url')`; `ofType(T)`, `as(T)`, `(path as T)`;
 * `where(resolve() is T)`; unions. [FHIR R4 searchparameter.html#SearchParameter.expression]
 */
import { codeSet, typeModel, type ElementModel } from './model.ts';
import { parseReference } from './reference-shape.ts';
import type { Found } from './path-program.ts';
import type { SearchParam } from './search-params.ts';
import type { SearchType } from './search-query.ts';

/** An expression that is not understood, or leads nowhere. The message names elements, no values. */
export class ExpressionRefused extends Error {
  override readonly name = 'ExpressionRefused';
}

type Step = (value: unknown) => unknown[];

interface Branch {
  steps: Step[];
  type: string;
  /** Elements of a choice that was not decided yet. */
  choice?: readonly ElementModel[];
  set?: string;
}

/** Longer ones are no search parameter any more. */
const longest = 2_000;
const mostAlternatives = 32;
const mostSteps = 16;
/** Branches of undecided choices: `extension.value` alone has 50. */
const mostBranches = 128;

/**
 * @param base the resource type it is asked of
 * @throws ExpressionRefused
 */
export function compileSearchParam(
  base: string,
  definition: { code: string; type: SearchType; expression: string; targets?: string[] },
): SearchParam {
  const { code, type, expression, targets } = definition;
  if (expression.length > longest) throw new ExpressionRefused('the expression is too long');
  const alternatives = split(expression, '|');
  if (alternatives.length > mostAlternatives) throw new ExpressionRefused('too many alternatives');
  const branches = alternatives.flatMap((one) => branchesOf(base, one));
  if (branches.length === 0) throw new ExpressionRefused(`nothing of it begins at ${base}`);
  if (branches.length > mostBranches) throw new ExpressionRefused('it leads to too many types');
  const find = (resource: unknown): Found[] =>
    branches.flatMap(({ steps, type: leaf, set }) => {
      let values = [resource];
      for (const step of steps) values = values.flatMap(step);
      return values.map((value) => ({ type: leaf, value, ...(set && { set }) }));
    });
  return {
    code,
    type,
    ...(targets?.length && { targets }),
    find,
    extract: (resource) => find(resource).map(({ value }) => value),
  };
}

/** Splits at depth zero and outside quotes. */
function split(text: string, separator: string): string[] {
  const parts = [''];
  let depth = 0;
  let quoted = false;
  for (const char of text) {
    if (char === "'") quoted = !quoted;
    if (!quoted && char === '(') depth++;
    if (!quoted && char === ')') depth--;
    if (depth < 0) break;
    if (char === separator && depth === 0 && !quoted) parts.push('');
    else parts[parts.length - 1] += char;
  }
  if (depth !== 0 || quoted) throw new ExpressionRefused('brackets or quotes are not closed');
  return parts.map((part) => part.trim());
}

/** `(a.b as T).c` to `a.b.ofType(T).c`, `(a.b).c` to `a.b.c`. */
function withoutBrackets(text: string): string {
  if (!text.startsWith('(')) return text.replace(/ as (\w+)$/, '.ofType($1)');
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '(') depth++;
    if (text[at] === ')' && --depth === 0) {
      const inner = text
        .slice(1, at)
        .trim()
        .replace(/ as (\w+)$/, '.ofType($1)');
      if (inner.includes('|')) throw new ExpressionRefused('a union inside brackets');
      return inner + text.slice(at + 1);
    }
  }
  return text;
}

const roots: ReadonlySet<string> = new Set(['Resource', 'DomainResource', '%resource']);

function branchesOf(base: string, alternative: string): Branch[] {
  const steps = split(withoutBrackets(alternative), '.');
  if (steps.length > mostSteps) throw new ExpressionRefused('too many steps');
  const [first = ''] = steps;
  const rooted = first === base || roots.has(first);
  if (!rooted && /^[A-Z%]/.test(first)) return [];
  let branches: Branch[] = [{ steps: [], type: base }];
  for (const step of rooted ? steps.slice(1) : steps)
    branches = branches.flatMap((branch) => walk(branch, step));
  const ends = branches.flatMap((branch) => decided(branch));
  if (ends.length === 0) throw new ExpressionRefused(`it leads nowhere from ${base}`);
  return ends;
}

const name = /^(\w+)(\[0\])?$/;
const typed = /^(?:ofType|as)\(([\w.]+)\)$/;
const resolved = /^where\(\s*resolve\(\)\s+is\s+(\w+)\s*\)$/;
const filtered = /^where\(\s*(\w+)\s*=\s*'([^'\\]*)'\s*\)$/;
const extended = /^extension\(\s*'([^'\\]*)'\s*\)$/;

function walk(branch: Branch, step: string): Branch[] {
  const asType = typed.exec(step);
  if (asType) return decided(branch, asType[1]!.split('.').at(-1)!);
  const target = resolved.exec(step);
  if (target) return decided(branch, 'Reference').map((one) => then(one, leadingTo(target[1]!)));
  const filter = filtered.exec(step);
  if (filter) {
    const [, field = '', wanted = ''] = filter;
    return decided(branch)
      .filter((one) => elementsOf(one.type, field).length > 0)
      .map((one) => then(one, (value) => ((value as Json)[field] === wanted ? [value] : [])));
  }
  const extension = extended.exec(step);
  if (extension)
    return walk(branch, 'extension').map((one) =>
      then(one, (value) => ((value as Json).url === extension[1] ? [value] : [])),
    );
  const plain = name.exec(step);
  if (!plain) throw new ExpressionRefused('a step that search parameters cannot have here');
  return decided(branch).flatMap((one) => child(one, plain[1]!, plain[2] !== undefined));
}

type Json = Record<string, unknown>;

const then = (branch: Branch, step: Step): Branch => ({
  ...branch,
  steps: [...branch.steps, step],
});

function elementsOf(type: string, field: string): ElementModel[] {
  const elements = typeModel(type)?.elements ?? [];
  return elements.filter((one) => (one.choice ?? one.name) === field || one.name === field);
}

function child(branch: Branch, field: string, onlyFirst: boolean): Branch[] {
  const found = elementsOf(branch.type, field);
  if (found.length === 0) return [];
  if (found[0]!.choice === field) return [{ ...branch, choice: found }];
  return [along(branch, found[0]!, onlyFirst)];
}

function along(branch: Branch, element: ElementModel, onlyFirst = false): Branch {
  const { name: property, type, set } = element;
  const step: Step = (value) => {
    const held = (value as Json)[property];
    if (held === undefined || held === null) return [];
    if (!Array.isArray(held)) return [held];
    // A null stands for a primitive that has extensions only.
    const all = held.filter((one) => one !== null && one !== undefined) as unknown[];
    return onlyFirst ? all.slice(0, 1) : all;
  };
  const { choice: _choice, set: _set, ...rest } = branch;
  return {
    ...rest,
    steps: [...branch.steps, step],
    type,
    ...(type === 'code' && set && codeSet(set) && { set }),
  };
}

/** An undecided choice becomes one branch for each of its types, or for the one asked for. */
function decided(branch: Branch, only?: string): Branch[] {
  const { choice } = branch;
  if (!choice) return only === undefined || only === branch.type ? [branch] : [];
  return choice
    .filter(({ type }) => only === undefined || type === only)
    .map((element) => along(branch, element));
}

/** Without resolving: the address or Reference.type says what it leads to. */
const leadingTo =
  (type: string): Step =>
  (value) => {
    const { reference, type: said } = value as Json;
    if (said === type) return [value];
    return typeof reference === 'string' && parseReference(reference).type === type ? [value] : [];
  };

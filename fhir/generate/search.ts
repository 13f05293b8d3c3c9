/** Compiles search parameters' FHIRPath to typed path programs: `birthdate date birthDate:date`. */
import type { SearchParameter } from '@medplum/fhirtypes';
import type { Element, TypeShape } from './structure.ts';

interface Place {
  /** JSON property names, with `[system=email]` filters. */
  path: string[];
  type: string;
  /** Set on an unresolved choice: its element. */
  choice?: Element;
  /** `where(resolve() is Patient)` */
  only?: string;
  /** Value set of a code's required binding: it tells the code's system. */
  set?: string;
}

/** Expressions outside the simple grammar have hand-written extractors of this name. */
const byHand: Record<string, string> = {
  'Patient.deceased.exists() and Patient.deceased != false': '@deceased',
};

/** Splits at depth zero, so that `where(a.b)` stays whole. */
function split(text: string, separator: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const char of text) {
    if (char === '(') depth++;
    if (char === ')') depth--;
    if (char === separator && depth === 0) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts.map((part) => part.trim());
}

function unwrap(expression: string): string {
  if (!expression.startsWith('(')) return expression;
  let depth = 0;
  for (let i = 0; i < expression.length; i++) {
    if (expression[i] === '(') depth++;
    if (expression[i] === ')' && --depth === 0)
      return expression.slice(1, i) + expression.slice(i + 1);
  }
  throw new Error(`Unbalanced ${expression}`);
}

export class PathCompiler {
  readonly #shapes: Map<string, TypeShape>;
  readonly #setOf: (url: string) => string | undefined;
  constructor(all: Map<string, TypeShape>, setOf: (url: string) => string | undefined) {
    this.#shapes = all;
    this.#setOf = setOf;
  }

  /** `a.b:Type~Target` for every place a union leads to from `type`; empty when none starts there. */
  union(expression: string, type: string, relative = false): string[] {
    if (byHand[expression]) return [byHand[expression]];
    return split(expression, '|').flatMap((one) => {
      const steps = split(unwrap(one), '.');
      const rooted = steps[0] === type || steps[0] === 'Resource' || steps[0] === '%resource';
      // InsurancePlan.name is written without its root.
      if (!rooted && !relative && /^[A-Z]/.test(steps[0]!)) return [];
      const start = steps[0] === '%resource' ? 'MolecularSequence' : type;
      const places = this.#walk(rooted ? steps.slice(1) : steps, start);
      return places.map((place) => (steps[0] === '%resource' ? '/' : '') + placeText(place));
    });
  }

  #walk(steps: string[], type: string): Place[] {
    let places: Place[] = [{ path: [], type }];
    for (const step of steps) places = places.flatMap((place) => this.#step(place, step));
    return places.flatMap((place) => expandChoice(place));
  }

  #step(place: Place, step: string): Place[] {
    const ofType = /^(?:ofType|as)\((\w+)\)$/.exec(step);
    if (ofType) return expandChoice(place, ofType[1]!.replace('DateTime', 'dateTime'));
    const resolved = /^where\(resolve\(\) is (\w+)\)$/.exec(step);
    if (resolved) return expandChoice({ ...place, only: resolved[1]! });
    const filter = /^where\((\w+)='([\w-]+)'\)$/.exec(step);
    if (filter) {
      const path = [...place.path];
      path[path.length - 1] += `[${filter[1]}=${filter[2]}]`;
      return [{ ...place, path }];
    }
    const name = /^(\w+)(\[0\])?$/.exec(step);
    if (!name) throw new Error(`Unforeseen step ${step}`);
    return expandChoice(place).map((one) => this.#child(one, name[1]!, name[2] ?? ''));
  }

  #child(place: Place, name: string, index: string): Place {
    const element = this.#element(place.type, name);
    if (!element) throw new Error(`${place.type} has no ${name}`);
    if (element.choice) return { ...place, path: place.path, choice: element };
    const type = element.types[0]!.code;
    const set = type === 'code' && element.binding ? this.#setOf(element.binding) : undefined;
    return { path: [...place.path, name + index], type, ...(set ? { set } : {}) };
  }

  #element(type: string, name: string): Element | undefined {
    for (let shape = this.#shapes.get(type); shape; shape = this.#shapes.get(shape.base)) {
      const found = shape.elements.find((element) => element.name === name);
      if (found) return found;
    }
    return undefined;
  }
}

/** FHIRPath's `ofType` takes specializations too [FHIR R4 datatypes.html]. */
const specializations: Readonly<Record<string, readonly string[]>> = {
  uri: ['canonical', 'oid', 'url', 'uuid'],
  string: ['code', 'id', 'markdown'],
  integer: ['positiveInt', 'unsignedInt'],
  Quantity: ['Age', 'Count', 'Distance', 'Duration'],
};

const isA = (code: string, type: string): boolean =>
  code === type || Boolean(specializations[type]?.includes(code));

function expandChoice(place: Place, only?: string): Place[] {
  const { choice } = place;
  if (!choice) return only && !isA(place.type, only) ? [] : [place];
  return choice.types
    .filter(({ code }) => only === undefined || isA(code, only))
    .filter(({ code }) => place.only === undefined || code === 'Reference')
    .map(({ code }) => ({
      path: [...place.path, choice.name + code[0]!.toUpperCase() + code.slice(1)],
      type: code,
      ...(place.only ? { only: place.only } : {}),
    }));
}

function placeText({ path, type, only, set }: Place): string {
  return `${path.join('.') || '.'}:${type}${set ? `#${set}` : ''}${only ? `~${only}` : ''}`;
}

/** One line a type: `Patient;active token active:boolean;...;patient reference subject:Reference~Patient >Patient`. */
export function searchLines(
  parameters: SearchParameter[],
  all: Map<string, TypeShape>,
  resourceTypes: string[],
  setOf: (url: string) => string | undefined,
): string[] {
  const compiler = new PathCompiler(all, setOf);
  const byUrl = new Map(parameters.map((one) => [one.url, one]));
  return ['Resource', ...resourceTypes].map((type) => {
    const items = parameters
      .filter((one) => one.expression && one.base?.some((base) => base === type))
      .toSorted((a, b) => (a.code! < b.code! ? -1 : 1))
      .map((one) => item(one, type, compiler, byUrl));
    return [type, ...items].join(';');
  });
}

function item(
  one: SearchParameter,
  type: string,
  compiler: PathCompiler,
  byUrl: Map<string | undefined, SearchParameter>,
): string {
  const head = `${one.code} ${one.type}`;
  if (one.type === 'composite') return `${head} ${composite(one, type, compiler, byUrl)}`;
  const paths = compiler.union(one.expression!, type);
  if (!paths.length) throw new Error(`${type}.${one.code} leads nowhere: ${one.expression}`);
  // A parameter that may lead to (nearly) every type names none: 140 of R4's 146 says "any".
  const targets = one.target && one.target.length < 140 ? one.target : [];
  return [head, ...paths, ...(targets.length ? [`>${targets.join()}`] : [])].join(' ');
}

function composite(
  one: SearchParameter,
  type: string,
  compiler: PathCompiler,
  byUrl: Map<string | undefined, SearchParameter>,
): string {
  const roots = compiler.union(one.expression!, type);
  const inner = roots[0]!.split(':')[1]!;
  const parts = (one.component ?? []).map(({ definition, expression }) => {
    const param = byUrl.get(definition)!;
    return `${param.type}!${compiler.union(expression!, inner, true).join('!')}`;
  });
  return `${roots.map((root) => root.split(':')[0]).join()} ${parts.join(' ')}`;
}

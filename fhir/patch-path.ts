/**
 * The paths of FHIRPath Patch: names, indexes, first(), last(), where(), ofType(), extension(); nothing that could run long.
 *
 * A subset of our own, not the FHIRPath library: a patch comes from outside, and the full language lets a line of text
 * multiply collections until memory ends. Here each step can only leave as many nodes as the resource has.
 */
import { typeModel, type ElementModel } from './model.ts';

type Json = Record<string, unknown>;

/** An element: what stands at `property` of `holder`, at `index` of it where it repeats. */
export interface Node {
  holder: Json;
  property: string;
  index?: number;
  value: unknown;
  /** FHIR type; nested ones by path, `Patient.contact`. */
  type: string;
}

/** A path that is not of this grammar, or names what the type does not have. The message repeats no literal. */
export class BadPath extends Error {}

export type Step =
  | { kind: 'name'; name: string }
  | { kind: 'index'; index: number }
  | { kind: 'first' | 'last' | 'single' }
  | { kind: 'type'; type: string }
  | { kind: 'extension'; url: string }
  | { kind: 'where'; any: Condition[][] };

interface Condition {
  path: Step[];
  /** Absent: `exists()`. */
  equals?: string | number | boolean;
  negated: boolean;
}

/** A thousand characters and some hundred tokens: an element is named by far less. */
const longest = 1_000;
const token =
  /\s*(?:(\d+(?:\.\d+)?)|('(?:[^'\\]|\\.)*')|@([\dT:.Z+-]+)|(`[^`]+`|[A-Za-z_]\w*)|(!=|[.()[\]=]))/y;

type Token = { text: string; kind: 'number' | 'string' | 'date' | 'name' | 'sign' };

function tokens(path: string): Token[] {
  if (path.length > longest) throw new BadPath('the path is too long');
  const out: Token[] = [];
  token.lastIndex = 0;
  const end = path.trimEnd().length;
  while (token.lastIndex < end) {
    const found = token.exec(path);
    if (!found) throw new BadPath('the path is not understood');
    const [, number, string, date, name, sign] = found;
    if (number !== undefined) out.push({ kind: 'number', text: number });
    else if (string !== undefined) out.push({ kind: 'string', text: unquoted(string) });
    else if (date !== undefined) out.push({ kind: 'date', text: date });
    else if (name !== undefined) out.push({ kind: 'name', text: name.replaceAll('`', '') });
    else out.push({ kind: 'sign', text: sign! });
  }
  return out;
}

const unquoted = (text: string): string => text.slice(1, -1).replace(/\\(.)/g, '$1');

/** @throws BadPath */
export function parsePath(path: string, root: string): Step[] {
  const parser = new Parser(tokens(path));
  const steps = parser.steps();
  parser.end();
  // [FHIR R4 fhirpatch.html] paths begin with the type of the resource.
  const [first, ...rest] = steps;
  if (first?.kind !== 'name' || first.name !== root)
    throw new BadPath(`the path begins with ${root}`);
  return rest;
}

class Parser {
  readonly #tokens: Token[];
  #at = 0;
  #inside = false;

  constructor(list: Token[]) {
    this.#tokens = list;
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw new BadPath('the path is not understood');
  }

  #peek(text: string): boolean {
    const next = this.#tokens[this.#at];
    return (next?.kind === 'sign' || next?.kind === 'name') && next.text === text;
  }

  #take(text: string): boolean {
    if (!this.#peek(text)) return false;
    this.#at++;
    return true;
  }

  #need(kind: Token['kind'], text?: string): string {
    const next = this.#tokens[this.#at++];
    if (next?.kind !== kind || (text !== undefined && next.text !== text))
      throw new BadPath('the path is not understood');
    return next.text;
  }

  steps(): Step[] {
    const out: Step[] = [];
    do {
      // `exists()` ends a condition: it is read there.
      if (this.#inside && this.#peek('exists')) break;
      out.push(this.#step());
      while (this.#take('[')) {
        out.push({ kind: 'index', index: Number(this.#need('number')) });
        this.#need('sign', ']');
      }
    } while (this.#take('.'));
    return out;
  }

  #step(): Step {
    const name = this.#need('name');
    if (!this.#take('(')) return { kind: 'name', name };
    const step = this.#function(name);
    this.#need('sign', ')');
    return step;
  }

  #function(name: string): Step {
    switch (name) {
      case 'first':
      case 'last':
      case 'single':
        return { kind: name };
      case 'ofType':
      case 'as': {
        const type = this.#need('name');
        // `FHIR.Quantity` is Quantity.
        return { kind: 'type', type: this.#take('.') ? this.#need('name') : type };
      }
      case 'extension':
        return { kind: 'extension', url: this.#need('string') };
      case 'where': {
        if (this.#inside) throw new BadPath('a condition holds no condition');
        this.#inside = true;
        const any = this.#conditions();
        this.#inside = false;
        return { kind: 'where', any };
      }
      default:
        throw new BadPath('this function is not known to a patch');
    }
  }

  /** `and` binds closer than `or`. */
  #conditions(): Condition[][] {
    const any: Condition[][] = [];
    do {
      const all: Condition[] = [];
      do all.push(this.#condition());
      while (this.#take('and'));
      any.push(all);
    } while (this.#take('or'));
    return any;
  }

  #condition(): Condition {
    const path = this.steps();
    if (this.#take('exists')) {
      this.#need('sign', '(');
      this.#need('sign', ')');
      return { path, negated: false };
    }
    const negated = this.#take('!=');
    if (!negated && !this.#take('=')) return { path, negated: false, equals: true };
    const literal = this.#tokens[this.#at++];
    if (!literal) throw new BadPath('the path is not understood');
    const { kind, text } = literal;
    if (kind === 'number') return { path, negated, equals: Number(text) };
    if (kind === 'string' || kind === 'date') return { path, negated, equals: text };
    if (text !== 'true' && text !== 'false') throw new BadPath('the path is not understood');
    return { path, negated, equals: text === 'true' };
  }
}

/** The nodes a path leads to from `start`; none for an element that is absent. @throws BadPath for one that no such type has */
export function follow(start: readonly Node[], steps: readonly Step[]): Node[] {
  return steps.reduce<Node[]>((nodes, step) => next(nodes, step), [...start]);
}

function next(nodes: Node[], step: Step): Node[] {
  switch (step.kind) {
    case 'name':
      return nodes.flatMap((node) => children(node, step.name));
    case 'index':
      return nodes.slice(step.index, step.index + 1);
    case 'first':
      return nodes.slice(0, 1);
    case 'last':
      return nodes.slice(-1);
    case 'single':
      if (nodes.length > 1) throw new BadPath('single(): there is more than one');
      return nodes;
    case 'type':
      return nodes.filter((node) => node.type === step.type || typeOf(node) === step.type);
    case 'extension':
      return nodes
        .flatMap((node) => children(node, 'extension'))
        .filter((one) => (one.value as Json).url === step.url);
    default:
      return nodes.filter((node) =>
        step.any.some((all) => all.every((condition) => holds(node, condition))),
      );
  }
}

function holds(node: Node, { path, equals, negated }: Condition): boolean {
  const found = follow([node], path);
  if (equals === undefined) return found.length > 0;
  return found.length > 0 && found.some((one) => one.value === equals) !== negated;
}

/** The type of what stands there: of a resource, its own. */
export function typeOf({ value, type }: Node): string {
  const own = (value as { resourceType?: unknown } | null)?.resourceType;
  return type === 'Resource' && typeof own === 'string' ? own : type;
}

/** The elements a name may mean in a type: one, or the types of a choice. @throws BadPath when there is none */
export function elementsNamed(type: string, name: string): ElementModel[] {
  const all = typeModel(type)?.elements ?? [];
  const found = all.filter((one) => one.choice === name || one.name === name);
  if (found.length === 0) throw new BadPath('the path names an element that is not there');
  return found;
}

function children(node: Node, name: string): Node[] {
  const holder = node.value;
  if (typeof holder !== 'object' || holder === null) return [];
  return elementsNamed(typeOf(node), name).flatMap((element): Node[] => {
    const value = Object.hasOwn(holder, element.name) ? (holder as Json)[element.name] : undefined;
    if (value === undefined) return [];
    const place = { holder: holder as Json, property: element.name, type: element.type };
    return Array.isArray(value)
      ? value.map((one: unknown, index) => ({ ...place, index, value: one }))
      : [{ ...place, value }];
  });
}

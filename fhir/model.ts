/** R4's structure as data: the generated lines parsed on first use, one type at a time. */
import codeLines from './generated/codes.json' with { type: 'json' };
import structureLines from './generated/structure.json' with { type: 'json' };

export interface ElementModel {
  /** JSON property name: a choice has one element for each of its types (`valueQuantity`). */
  name: string;
  type: string;
  many: boolean;
  required: boolean;
  /** Base name of a choice (`value`). */
  choice?: string;
  /** Types a Reference may lead to; undefined is any. */
  targets?: string[];
  /** Value set of a required binding. */
  set?: string;
}

export interface TypeModel {
  name: string;
  base: string;
  /** Inherited ones first. */
  elements: ElementModel[];
}

let lines: Map<string, string> | undefined;
const models = new Map<string, TypeModel>();

function lineOf(type: string): string | undefined {
  lines ??= new Map(structureLines.map((line) => [line.slice(0, line.indexOf('<')), line]));
  return lines.get(type);
}

/** The elements of a complex type, resource or nested type (`Patient.contact`); undefined when there is none. */
export function typeModel(type: string): TypeModel | undefined {
  const known = models.get(type);
  if (known) return known;
  const line = lineOf(type);
  if (line === undefined) return undefined;
  const [head = '', ...elements] = line.split(' ');
  const base = head.slice(head.indexOf('<') + 1);
  const model = {
    name: type,
    base,
    elements: [...(base ? (typeModel(base)?.elements ?? []) : []), ...elements.flatMap(parse)],
  };
  models.set(type, model);
  return model;
}

/** Whether a resource of this type may hold contained resources and extensions of its own. */
export function isDomainResource(type: string): boolean {
  return typeModel(type)?.base === 'DomainResource';
}

const element = /^(\w+)(\[x\])?([?!*+])([^#]*)(?:#(.+))?$/;

function parse(text: string): ElementModel[] {
  const found = element.exec(text);
  if (!found) return [];
  const [, name = '', choice, card = '', types = '', set] = found;
  return types.split('|').map((one) => {
    const [type = '', to] = one.split(/[()]/);
    return {
      name: choice ? name + type[0]!.toUpperCase() + type.slice(1) : name,
      type,
      many: card === '*' || card === '+',
      required: card === '!' || card === '+',
      ...(choice ? { choice: name } : {}),
      ...(to ? { targets: to.split(',') } : {}),
      ...(set ? { set } : {}),
    };
  });
}

export interface CodeSet {
  /** All codes, whatever the system. */
  codes: ReadonlySet<string>;
  /** `system|code` */
  codings: ReadonlySet<string>;
  systemOf(code: string): string | undefined;
}

let sets: Map<string, string> | undefined;
const expanded = new Map<string, CodeSet>();

/** The codes of a required binding by the value set's short name; undefined for sets of others' systems. */
export function codeSet(name: string): CodeSet | undefined {
  const known = expanded.get(name);
  if (known) return known;
  sets ??= new Map(codeLines.map((line) => [line.slice(0, line.indexOf(' ')), line]));
  const line = sets.get(name);
  if (line === undefined) return undefined;
  const codings = line
    .slice(name.length + 1)
    .split('|')
    .flatMap((part) => {
      const [system = '', ...codes] = part.split(' ');
      return codes.map((code) => [`${system}|${code}`, code] as const);
    });
  const systems = new Map(
    codings.map(([coding, code]) => [code, coding.slice(0, coding.length - code.length - 1)]),
  );
  const set = {
    codes: new Set(systems.keys()),
    codings: new Set(codings.map(([coding]) => coding)),
    systemOf: (code: string) => systems.get(code),
  };
  expanded.set(name, set);
  return set;
}

/** FHIRPath Patch: a Parameters resource of operations on elements [FHIR R4 fhirpatch.html]. */
import type { Parameters, ParametersParameter, Resource } from '@medplum/fhirtypes';
import { carryDecimal, copyOf } from './exact.ts';
import { typeModel, type ElementModel } from './model.ts';
import { BadPath, elementsNamed, follow, parsePath, typeOf } from './patch-path.ts';
import type { Node, Step } from './patch-path.ts';
import { Refusal } from './refusal.ts';

type Json = Record<string, unknown>;

/** 100 operations, as for a JSON Patch. */
const mostOperations = 100;
/** Elements put together from parts nest as deep as the structure of the standard does at most. */
const deepestParts = 16;

class Fault extends Error {}

/**
 * The resource after the patch; the given one is not touched. Decimals keep their precision. The result is not validated
 * here. Throws `Refusal`: `invalid` for a malformed patch, `unprocessable` when an operation does not apply (422, nothing
 * is changed), `not-supported` for a change of id or resourceType.
 */
export function applyFhirPathPatch<T extends Resource>(resource: T, patch: Parameters): T {
  const operations = patch.parameter ?? [];
  if (operations.length > mostOperations)
    throw new Refusal('too-large', { diagnostics: `More than ${mostOperations} operations` });
  const copy = copyOf(resource);
  operations.forEach((operation, at) => {
    const where = { expression: [`Parameters.parameter[${at}]`] };
    try {
      apply(copy as unknown as Json, operation);
    } catch (error) {
      if (error instanceof BadPath)
        throw new Refusal('invalid', { diagnostics: error.message, ...where });
      if (error instanceof Fault)
        throw new Refusal('unprocessable', { diagnostics: error.message, ...where });
      throw error;
    }
  });
  if (copy.id !== resource.id || copy.resourceType !== resource.resourceType)
    throw new Refusal('not-supported', { diagnostics: 'id and resourceType cannot be changed' });
  return copy;
}

interface Parts {
  type: string;
  path: string;
  text(name: string): string;
  number(name: string): number;
  value: ParametersParameter;
}

function partsOf({ name, part = [] }: ParametersParameter): Parts {
  if (name !== 'operation') throw new BadPath('a parameter "operation" is expected');
  const named = (wanted: string): ParametersParameter => {
    const found = part.filter((one) => one.name === wanted);
    if (found.length !== 1) throw new BadPath(`one part "${wanted}" is expected`);
    return found[0]!;
  };
  const text = (wanted: string): string => {
    const { valueString, valueCode } = named(wanted);
    if (valueString === undefined && valueCode === undefined)
      throw new BadPath(`the part "${wanted}" is a text`);
    return (valueString ?? valueCode)!;
  };
  return {
    type: text('type'),
    path: text('path'),
    text,
    number(wanted) {
      const { valueInteger } = named(wanted);
      if (!Number.isInteger(valueInteger) || valueInteger! < 0)
        throw new BadPath(`the part "${wanted}" is a whole number`);
      return valueInteger!;
    },
    get value() {
      return named('value');
    },
  };
}

function apply(root: Json, operation: ParametersParameter): void {
  const parts = partsOf(operation);
  const type = root.resourceType as string;
  const steps = parsePath(parts.path, type);
  const start: Node = { holder: { '': root }, property: '', value: root, type };
  switch (parts.type) {
    case 'add':
      return add(one(follow([start], steps)), parts.text('name'), parts.value);
    case 'insert': {
      const { holder, element, list } = listAt(start, steps);
      const index = parts.number('index');
      if (index > list.length) throw new Fault('The index is past the end');
      const value = valueOf(parts.value, [element]);
      list.splice(index, 0, value.of[value.key]);
      carryDecimal(value.of, value.key, list, index);
      holder[element.name] = list;
      return;
    }
    case 'move': {
      const { list } = listAt(start, steps);
      const [from, to] = [parts.number('source'), parts.number('destination')];
      if (from >= list.length || to >= list.length) throw new Fault('The index is past the end');
      list.splice(to, 0, ...list.splice(from, 1));
      return;
    }
    case 'replace':
      return replace(one(follow([start], steps)), parts.value);
    case 'delete': {
      const nodes = follow([start], steps);
      // [FHIR R4 fhirpatch.html] what is not there need not be deleted.
      if (nodes.length > 0) remove(one(nodes));
      return;
    }
    default:
      throw new BadPath('type: add, insert, delete, replace or move');
  }
}

function one(nodes: readonly Node[]): Node {
  if (nodes.length === 0) throw new Fault('The path leads nowhere');
  if (nodes.length > 1) throw new Fault('The path leads to more than one element');
  return nodes[0]!;
}

function add(target: Node, name: string, value: ParametersParameter): void {
  const holder = target.value;
  if (typeof holder !== 'object' || holder === null)
    throw new Fault('Nothing can be added to a primitive');
  const made = valueOf(value, elementsNamed(typeOf(target), name));
  put(holder as Json, made);
}

/** Adds at the end of what repeats; what does not repeat must be absent. */
function put(holder: Json, { element, of, key }: Made): void {
  if (element.many) {
    const list = (holder[element.name] ?? []) as unknown[];
    list.push(of[key]);
    holder[element.name] = list;
    carryDecimal(of, key, list, list.length - 1);
    return;
  }
  if (holder[element.name] !== undefined) throw new Fault('The element is there already');
  holder[element.name] = of[key];
  carryDecimal(of, key, holder, element.name);
}

function replace(node: Node, value: ParametersParameter): void {
  const { holder, property, index } = node;
  if (property === '') throw new BadPath('the whole resource cannot be replaced');
  const made = valueOf(value, siblings(node));
  if (index !== undefined) {
    const list = holder[property] as unknown[];
    list[index] = made.of[made.key];
    carryDecimal(made.of, made.key, list, index);
    return;
  }
  delete holder[property];
  holder[made.element.name] = made.of[made.key];
  carryDecimal(made.of, made.key, holder, made.element.name);
}

/** What may stand in its place: for a choice, each of its types. */
function siblings({ holder, property, type }: Node): ElementModel[] {
  const own = typeof holder.resourceType === 'string' ? holder.resourceType : undefined;
  const all = own === undefined ? [] : (typeModel(own)?.elements ?? []);
  const element = all.find((each) => each.name === property);
  if (element?.choice) return all.filter((each) => each.choice === element.choice);
  return [{ name: property, type, many: element?.many ?? false, required: false }];
}

function remove({ holder, property, index }: Node): void {
  if (property === '') throw new BadPath('the whole resource cannot be deleted');
  const list = holder[property];
  if (index === undefined || !Array.isArray(list) || list.length === 1) delete holder[property];
  else list.splice(index, 1);
}

function listAt(
  start: Node,
  steps: readonly Step[],
): { holder: Json; element: ElementModel; list: unknown[] } {
  const last = steps.at(-1);
  if (last?.kind !== 'name') throw new BadPath('the path of a list ends with its name');
  const parent = one(follow([start], steps.slice(0, -1)));
  const [element] = elementsNamed(typeOf(parent), last.name);
  if (!element!.many) throw new BadPath('the element does not repeat');
  const holder = parent.value as Json;
  return { holder, element: element!, list: (holder[element!.name] ?? []) as unknown[] };
}

/** A value ready to be put: it stands at `key` of `of`, with its decimals as written. */
interface Made {
  element: ElementModel;
  of: Json;
  key: string;
}

/** The value of a part, for one of these elements: by its type where they are a choice. @throws Fault, BadPath */
function valueOf(part: ParametersParameter, elements: readonly ElementModel[], depth = 0): Made {
  if (depth > deepestParts) throw new BadPath('the value nests too deep');
  const [first] = elements;
  const key = Object.keys(part).find((name) => name.startsWith('value'));
  if (key === undefined) {
    if (part.resource)
      return { element: first!, of: { value: copyOf(part.resource) }, key: 'value' };
    if (!part.part) throw new BadPath('a value is expected');
    const value: Json = {};
    for (const each of part.part)
      put(value, valueOf(each, elementsNamed(first!.type, each.name ?? ''), depth + 1));
    return { element: first!, of: { value }, key: 'value' };
  }
  const suffix = key.slice('value'.length);
  const chosen =
    elements.length > 1 || first!.choice
      ? elements.find((one) => one.name.slice(one.choice!.length) === suffix)
      : first;
  if (!chosen) throw new Fault('The value is of another type than the element');
  const of = { [key]: copyOf((part as unknown as Json)[key]) };
  carryDecimal(part, key, of, key);
  return { element: chosen, of, key };
}

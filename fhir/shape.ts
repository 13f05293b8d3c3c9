/** Parts of a resource: `_summary` and `_elements` [FHIR R4 search.html#summary, search.html#elements]. */
import type { Coding, Resource } from '@medplum/fhirtypes';
import { carryDecimals } from './exact.ts';
import summaries from './generated/summary.json' with { type: 'json' };
import { typeModel } from './model.ts';
import { Refusal } from './refusal.ts';
import { isResourceType } from './resource-class.ts';

/** What of a resource is asked for. */
export interface Shape {
  /** `count` is a search's own: it shows no resource. */
  summary?: 'true' | 'text' | 'data' | 'count' | 'false' | undefined;
  /** Names of elements at the root, `name` or `Patient.name`; of deeper ones the first step counts. */
  elements?: readonly string[] | undefined;
}

type Json = Record<string, unknown>;

const summaryNames = ['true', 'text', 'data', 'count', 'false'] as const;

/**
 * The shape that parameters ask for; undefined for whole resources.
 * @throws Refusal `invalid`
 */
export function shapeOf(params: readonly (readonly [string, string])[]): Shape | undefined {
  const shape: Shape = {};
  for (const [name, value] of params) {
    if (name === '_summary') {
      shape.summary = summaryNames.find((one) => one === value);
      if (!shape.summary)
        throw new Refusal('invalid', {
          diagnostics: `_summary: one of ${summaryNames.join(', ')}`,
        });
    } else if (name === '_elements') {
      const names = value.split(',').map((one) => one.trim());
      if (names.some((one) => !/^[A-Za-z][\w.]{0,200}$/.test(one)))
        throw new Refusal('invalid', { diagnostics: '_elements: names of elements' });
      shape.elements = [...(shape.elements ?? []), ...names];
    }
  }
  return isWhole(shape) ? undefined : shape;
}

function isWhole({ summary, elements }: Shape): boolean {
  return elements === undefined && (summary === undefined || summary === 'false');
}

const subsetted: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
};

/** Always shown: what it is, which one, and what changes the meaning of the rest. */
const always: ReadonlySet<string> = new Set([
  'resourceType',
  'id',
  'meta',
  'implicitRules',
  'modifierExtension',
]);

/**
 * The asked part of a resource, tagged SUBSETTED; the resource itself when all of it is asked for. Mandatory elements
 * of the root stay with `_elements` and `_summary=text`, so that the part is a resource still. The given one is not touched.
 */
export function shape<T extends Resource>(resource: T, asked: Shape): T {
  if (isWhole(asked)) return resource;
  const keep = keeper(resource.resourceType, asked);
  const part = pick(resource as unknown as Json, keep);
  if (asked.elements === undefined && asked.summary === 'true')
    for (const [name, value] of Object.entries(part))
      if (!always.has(name)) part[name] = summaryOf(value, typeOf(resource.resourceType, name));
  return {
    ...part,
    resourceType: resource.resourceType,
    ...(resource.id !== undefined && { id: resource.id }),
    meta: { ...resource.meta, tag: [...(resource.meta?.tag ?? []), subsetted] },
  } as unknown as T;
}

function keeper(type: string, { summary, elements }: Shape): (base: string) => boolean {
  const shown = shownIn(type);
  if (elements !== undefined) {
    const names = namesFor(type, elements);
    return (base) => always.has(base) || names.has(base) || isMandatory(type, base);
  }
  switch (summary) {
    case 'text':
      return (base) => always.has(base) || base === 'text' || isMandatory(type, base);
    case 'data':
      return (base) => base !== 'text';
    case 'count':
      return (base) => always.has(base);
    default:
      return (base) => always.has(base) || (shown?.has(base) ?? false);
  }
}

/** `Patient.name` speaks of Patients only, `name` of every resource in the answer. */
function namesFor(type: string, elements: readonly string[]): Set<string> {
  const names = new Set<string>();
  for (const one of elements) {
    const [first = '', second] = one.split('.');
    if (!isResourceType(first)) names.add(first);
    else if (first === type && second) names.add(second);
  }
  return names;
}

/** A copy with the properties whose element is kept: `_birthDate` goes with `birthDate`, `valueQuantity` with `value`. */
function pick(value: Json, keep: (base: string) => boolean): Json {
  const type = value.resourceType;
  const bases = typeof type === 'string' ? basesOf(type) : undefined;
  const out: Json = {};
  for (const [name, one] of Object.entries(value)) {
    const plain = name.startsWith('_') ? name.slice(1) : name;
    if (keep(plain) || keep(bases?.get(plain) ?? plain)) out[name] = one;
  }
  return carryDecimals(value, out);
}

/** The value as a summary shows it: of a type that names its summary, those elements, all the way down. */
function summaryOf(value: unknown, type: string | undefined): unknown {
  const shown = type === undefined ? undefined : shownIn(type);
  if (typeof value !== 'object' || value === null || !type || !shown) return value;
  if (Array.isArray(value))
    return carryDecimals(
      value,
      value.map((one) => summaryOf(one, type)),
    );
  const bases = basesOf(type);
  const out: Json = {};
  for (const [name, one] of Object.entries(value as Json)) {
    const plain = name.startsWith('_') ? name.slice(1) : name;
    if (shown.has(bases.get(plain) ?? plain)) out[name] = summaryOf(one, typeOf(type, plain));
  }
  // A reader may expect content where the whole has some.
  return Object.keys(out).length > 0 ? carryDecimals(value, out) : value;
}

const shownByType = new Map<string, ReadonlySet<string>>();

/** Elements that a summary shows of a type; undefined for types that do not say. */
function shownIn(type: string): ReadonlySet<string> | undefined {
  if (shownByType.size === 0)
    for (const line of summaries) {
      const [name = '', ...elements] = line.split(' ');
      shownByType.set(name, new Set(elements));
    }
  return shownByType.get(type);
}

const typesOf = new Map<string, { bases: Map<string, string>; types: Map<string, string> }>();

function elementsOf(type: string): { bases: Map<string, string>; types: Map<string, string> } {
  let known = typesOf.get(type);
  if (!known) {
    const elements = typeModel(type)?.elements ?? [];
    known = {
      bases: new Map(elements.map((one) => [one.name, one.choice ?? one.name])),
      types: new Map(elements.map((one) => [one.name, one.type])),
    };
    typesOf.set(type, known);
  }
  return known;
}

/** `value` for `valueQuantity`. */
const basesOf = (type: string): Map<string, string> => elementsOf(type).bases;
const typeOf = (type: string, name: string): string | undefined => elementsOf(type).types.get(name);

const mandatory = new Map<string, Set<string>>();

function isMandatory(type: string, base: string): boolean {
  let names = mandatory.get(type);
  if (!names) {
    const elements = typeModel(type)?.elements ?? [];
    names = new Set(elements.filter((one) => one.required).map((one) => one.choice ?? one.name));
    mandatory.set(type, names);
  }
  return names.has(base);
}

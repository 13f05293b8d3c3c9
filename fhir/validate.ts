/** Structural validation: closures compiled once a type from the generated tables, all faults reported at once. */
import type { OperationOutcomeIssue } from '@medplum/fhirtypes';
import { compileElement, type Check } from './validate-element.ts';
import { libraryChecks } from './fhirpath/invariant-checks.ts';
import { invariantsOf, type Invariant } from './invariants.ts';
import { isDomainResource, typeModel, type ElementModel } from './model.ts';
import { Walk } from './walk.ts';

/** 64: R4's own deepest examples stay below 30; far below where a JavaScript stack ends. */
export const deepest = 64;

interface Property {
  check: Check;
  /** The bit of the choice it belongs to; 0 when none. */
  bit: number;
  /** `birthDate` for `_birthDate`. */
  extends?: string;
}

interface Compiled {
  properties: Map<string, Property>;
  required: { name: string; shadow: string; bit: number; label: string }[];
}

const compiled = new Map<string, Check>();

/**
 * Faults in the structure of a resource [FHIR R4 validation.html]: JSON types, cardinality, unknown elements,
 * primitives' formats, choices, empty content, required bindings, references' shape, contained resources, and the
 * invariants of severity error. At most 50 issues, each with the expression of the faulty element. Empty: valid.
 * Values are never repeated in messages.
 */
export function validate(resource: unknown): OperationOutcomeIssue[] {
  const walk = new Walk();
  checkResource(resource, walk);
  return walk.issues;
}

/** A resource wherever one stands: at the root, contained, in a Bundle's entry, in a parameter. */
export function checkResource(value: unknown, walk: Walk): void {
  const type = (value as { resourceType?: unknown } | null | undefined)?.resourceType;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return walk.fault('structure', 'A resource is a JSON object');
  if (typeof type !== 'string' || !isResource(type))
    return walk.faultAt('resourceType', 'structure', 'resourceType names no R4 resource');
  if (walk.path.length === 0) walk.root = type;
  const contained = walk.path.at(-2) === 'contained';
  const outer = contained ? undefined : walk.enterContainer();
  const { resource, rootResource } = walk;
  walk.resource = value;
  if (outer) walk.rootResource = value;
  complexCheck(type)(value, walk, value as Record<string, unknown>);
  walk.resource = resource;
  walk.rootResource = rootResource;
  if (outer) walk.leaveContainer(outer, value);
}

function isResource(type: string): boolean {
  const base = typeModel(type)?.base;
  return (base === 'DomainResource' || base === 'Resource') && type !== 'DomainResource';
}

/** The compiled check of a complex type; compiled on first use, so that start costs nothing. */
export function complexCheck(type: string): Check {
  const known = compiled.get(type);
  if (known) return known;
  if (type === 'Resource') return checkResource;
  let inner: Check | undefined;
  // Types contain themselves (Extension in Extension): what is handed out compiles when first called.
  const lazy: Check = (value, walk, parent) => (inner ??= compile(type))(value, walk, parent);
  compiled.set(type, lazy);
  return lazy;
}

function compile(type: string): Check {
  const model = typeModel(type);
  if (!model) throw new Error(`No such type: ${type}`);
  const parts = assemble(model.elements);
  const resource = isResource(type);
  const errors = [
    ...invariantsOf(type),
    ...(isDomainResource(type) ? invariantsOf('DomainResource') : []),
  ].filter(({ severity }) => severity === 'error');
  const rules = errors.filter((one): one is Required<Invariant> => one.holds !== undefined);
  const others = errors.filter(({ holds }) => holds === undefined);
  const compute = others.length === 0 ? undefined : libraryChecks(type, others);
  return (value, walk) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return walk.fault('structure', 'A JSON object is expected');
    if (walk.depth >= deepest) return walk.fault('too-long', `Nested deeper than ${deepest}`);
    walk.depth++;
    checkProperties(value as Record<string, unknown>, walk, parts, resource);
    for (const rule of rules)
      if (!rule.holds(value as Record<string, unknown>))
        walk.fault('invariant', `${rule.key}: ${rule.text}`);
    // FHIRPath presumes structure that is right.
    if (compute !== undefined && walk.issues.length === 0) compute(value, walk);
    walk.depth--;
  };
}

function assemble(elements: ElementModel[]): Compiled {
  const parts: Compiled = { properties: new Map(), required: [] };
  const bits = new Map<string, number>();
  for (const element of elements) {
    const { name, choice } = element;
    const seen = choice !== undefined && bits.has(choice);
    if (choice !== undefined && !seen) bits.set(choice, 1 << bits.size);
    const bit = choice === undefined ? 0 : bits.get(choice)!;
    const { check, shadow } = compileElement(element, complexCheck);
    parts.properties.set(name, { check, bit });
    if (shadow) parts.properties.set(`_${name}`, { check: shadow, bit, extends: name });
    if (element.required && !seen)
      parts.required.push({ name, shadow: `_${name}`, bit, label: choice ?? name });
  }
  return parts;
}

function checkProperties(
  value: Record<string, unknown>,
  walk: Walk,
  { properties, required }: Compiled,
  resource: boolean,
): void {
  let chosen = 0;
  let empty = true;
  for (const key in value) {
    const property = properties.get(key);
    if (property === undefined) {
      if (!(resource && key === 'resourceType')) walk.unknown(key);
      else if (walk.path.length === 0) empty = false;
      continue;
    }
    empty = false;
    if (property.bit && (property.extends === undefined || value[property.extends] === undefined)) {
      if (chosen & property.bit)
        walk.faultAt(key, 'structure', 'Only one type of this choice may be present');
      chosen |= property.bit;
    }
    walk.path.push(key);
    property.check(value[key], walk, value);
    walk.path.pop();
  }
  if (empty && !resource) walk.fault('structure', 'An empty object is not allowed');
  for (const one of required)
    if (
      one.bit
        ? !(chosen & one.bit)
        : value[one.name] === undefined && value[one.shadow] === undefined
    )
      walk.faultAt(one.label, 'required', 'Required, and missing');
}

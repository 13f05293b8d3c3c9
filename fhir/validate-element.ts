/** Checks of one element: single or repeated, primitive with its `_` shadow, or complex with its binding. */
import { codeSet, type ElementModel } from './model.ts';
import { primitives, type PrimitiveRule } from './primitives.ts';
import { referenceFault } from './reference-shape.ts';
import type { Walk } from './walk.ts';

export type Check = (value: unknown, walk: Walk, parent: Record<string, unknown>) => void;

/** 100,000: more than any bundle the house accepts; stops a body that is one endless array. */
const mostItems = 100_000;

/** `check` for the element, `shadow` for its `_name` when it is a primitive [FHIR R4 json.html#primitive]. */
export function compileElement(
  element: ElementModel,
  complex: (type: string) => Check,
): { check: Check; shadow?: Check } {
  const rule = primitives[element.type];
  if (!rule) {
    const one = complexElement(element, complex(element.type));
    return { check: element.many ? many(one) : single(one) };
  }
  const bound = boundRule(rule, element);
  const shadow = complex('Element');
  return element.many
    ? { check: manyPrimitives(bound, element), shadow: manyShadows(shadow, element) }
    : { check: singlePrimitive(bound, element), shadow: single(shadow) };
}

function complexElement(element: ElementModel, inner: Check): Check {
  if (element.type === 'Reference') {
    return (value, walk, parent) => {
      inner(value, walk, parent);
      checkReference(value, walk, element.targets);
    };
  }
  const set = element.set === undefined ? undefined : codeSet(element.set);
  if (!set || element.type !== 'CodeableConcept') return inner;
  return (value, walk, parent) => {
    inner(value, walk, parent);
    const { coding } = (value ?? {}) as { coding?: unknown };
    const held = Array.isArray(coding)
      ? (coding as ({ system?: string; code?: string } | null)[])
      : [];
    if (!held.some((one) => set.codings.has(`${one?.system}|${one?.code}`)))
      walk.fault('code-invalid', `One coding must be of the value set ${element.set}`);
  };
}

function checkReference(value: unknown, walk: Walk, targets: string[] | undefined): void {
  const { reference, type } = (value ?? {}) as { reference?: unknown; type?: unknown };
  if (typeof reference !== 'string' || reference === '') return;
  if (reference.startsWith('#')) return walk.localReference(reference.slice(1), true);
  const fault = referenceFault(reference, typeof type === 'string' ? type : undefined, targets);
  if (fault) walk.faultAt('reference', 'value', fault);
}

/** Sets whose systems are not HL7's are checked by shape: BCP 13, ISO 4217, UCUM's units of time. */
const shapes: Record<string, RegExp> = {
  // R4's own examples of CapabilityStatement.format are short names.
  mimetypes: /^(?:json|xml|ttl)$|^[\w!#$&^.+-]+\/[\w!#$&^.+*-]+(?:\s*;.*)?$/,
  currencies: /^[A-Z]{3}$/,
  'units-of-time': /^(?:s|min|h|d|wk|mo|a)$/,
  'ucum-units': /^\S+$/,
};

function boundRule(rule: PrimitiveRule, { set, type }: ElementModel): PrimitiveRule {
  if (set === undefined || type !== 'code') return rule;
  const codes = codeSet(set)?.codes;
  const shape = shapes[set];
  if (!codes && !shape) return rule;
  return (value) => {
    if (typeof value === 'string' && (codes ? codes.has(value) : shape!.test(value)))
      return undefined;
    return rule(value) ?? `#a code of the value set ${set}`;
  };
}

function wrong(walk: Walk, expected: string): void {
  if (expected.startsWith('#')) walk.fault('code-invalid', `Expected ${expected.slice(1)}`);
  else walk.fault('value', `Expected ${expected}`);
}

/** Types whose values may be `#id`: they count as a use of what is contained. */
const pointing = new Set(['uri', 'url', 'canonical']);

function singlePrimitive(rule: PrimitiveRule, { type }: ElementModel): Check {
  const points = pointing.has(type);
  return (value, walk) => {
    const expected = rule(value);
    if (expected !== undefined) wrong(walk, expected);
    else if (points && (value as string).startsWith('#'))
      walk.localReference((value as string).slice(1), false);
  };
}

function manyPrimitives(rule: PrimitiveRule, { name, type }: ElementModel): Check {
  const shadowName = `_${name}`;
  const points = pointing.has(type);
  return (value, walk, parent) => {
    if (!listFault(value, walk)) return;
    for (let i = 0; i < value.length; i++) {
      const one = value[i];
      if (one === null && shadowAt(parent[shadowName], i)) continue;
      const expected = rule(one);
      if (expected === undefined) {
        if (points && (one as string).startsWith('#'))
          walk.localReference((one as string).slice(1), false);
        continue;
      }
      walk.path.push(i);
      wrong(walk, expected);
      walk.path.pop();
    }
  };
}

// A null stands only where the other array says something [FHIR R4 json.html#primitive].
function shadowAt(shadows: unknown, index: number): boolean {
  return Array.isArray(shadows) && shadows[index] !== null && shadows[index] !== undefined;
}

function manyShadows(inner: Check, { name }: ElementModel): Check {
  return (value, walk, parent) => {
    if (!listFault(value, walk)) return;
    const values = parent[name];
    value.forEach((one, i) => {
      if (one === null && shadowAt(values, i)) return;
      walk.path.push(i);
      inner(one, walk, parent);
      walk.path.pop();
    });
  };
}

function single(inner: Check): Check {
  return (value, walk, parent) => {
    if (Array.isArray(value)) walk.fault('structure', 'It does not repeat: no JSON array');
    else inner(value, walk, parent);
  };
}

function many(inner: Check): Check {
  return (value, walk, parent) => {
    if (!listFault(value, walk)) return;
    for (let i = 0; i < value.length; i++) {
      walk.path.push(i);
      inner(value[i], walk, parent);
      walk.path.pop();
    }
  };
}

/** Whether it is a list that may be looked into. */
function listFault(value: unknown, walk: Walk): value is unknown[] {
  if (!Array.isArray(value)) walk.fault('structure', 'It repeats: a JSON array is expected');
  else if (value.length === 0) walk.fault('structure', 'An empty array is not allowed');
  else if (value.length > mostItems) walk.fault('too-long', `More than ${mostItems} items`);
  else return true;
  return false;
}

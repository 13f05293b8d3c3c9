/** The words that hand-coded invariants are written in. `value[x]` names a choice. */

export type Json = Readonly<Record<string, unknown>>;
export type Holds = (value: Json) => boolean;

/** FHIRPath's `exists()`: a primitive that has extensions only exists too. */
export function exists(value: Json, name: string): boolean {
  if (!name.endsWith('[x]')) return value[name] !== undefined || value[`_${name}`] !== undefined;
  const stem = name.slice(0, -3);
  for (const key in value) if (isChoice(key, stem)) return true;
  return false;
}

function isChoice(key: string, stem: string): boolean {
  const at = key.startsWith('_') ? 1 : 0;
  const next = key.charCodeAt(stem.length + at);
  return key.startsWith(stem, at) && next >= 65 && next <= 90;
}

/** At least one is there. */
export const any =
  (...names: string[]): Holds =>
  (value) =>
    names.some((name) => exists(value, name));

/** Where the first is, the others are. */
export const needs =
  (name: string, ...others: string[]): Holds =>
  (value) =>
    !exists(value, name) || others.every((other) => exists(value, other));

export const notBoth =
  (a: string, b: string): Holds =>
  (value) =>
    !exists(value, a) || !exists(value, b);

/** One of the two, not both. */
export const either =
  (a: string, b: string): Holds =>
  (value) =>
    exists(value, a) !== exists(value, b);

/** Both or neither. */
export const together =
  (a: string, b: string): Holds =>
  (value) =>
    exists(value, a) === exists(value, b);

/** How many values FHIRPath's `count()` would find. */
export function count(value: Json, ...names: string[]): number {
  let sum = 0;
  for (const name of names) {
    const held = value[name];
    if (Array.isArray(held)) sum += held.length;
    else if (exists(value, name)) sum++;
  }
  return sum;
}

/** The objects in a repeating element; what is something else is left to the structure's own checks. */
export function items(value: Json, name: string): Json[] {
  const held = value[name];
  const all: unknown[] = Array.isArray(held) ? held : [held];
  return all.filter((one): one is Json => typeof one === 'object' && one !== null);
}

/** Whether a CodeableConcept, or one of several, has a coding of this system and one of these codes. */
export function coded(value: Json, name: string, system: string, ...codes: string[]): boolean {
  return items(value, name).some((concept) =>
    items(concept, 'coding').some(
      (one) => one.system === system && codes.includes(String(one.code)),
    ),
  );
}

export const isOne = (value: unknown, ...of: string[]): boolean =>
  typeof value === 'string' && of.includes(value);

export function distinct(values: readonly unknown[]): boolean {
  const present = values.filter((one) => one !== undefined);
  return new Set(present).size === present.length;
}

/** Equal as JSON, whatever the order of keys; gives up (unequal) far below where a stack ends. */
export function same(a: unknown, b: unknown, depth = 0): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (depth > 64 || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every(
      (key) => Object.hasOwn(b, key) && same((a as Json)[key], (b as Json)[key], depth + 1),
    )
  );
}

/** Elements of an instance as a profile meets them: value, primitive extensions, type, and where they stand. */
import { typeModel } from '../model.ts';

export type Json = Record<string, unknown>;

export interface Item {
  value: unknown;
  /** The `_name` beside a primitive. */
  shadow?: unknown;
  /** FHIR type, when the property's name or the content tells it. */
  type?: string;
  path: readonly (string | number)[];
}

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** `Patient.name[0].given[1]` */
export function expressionOf(root: string, path: readonly (string | number)[]): string {
  return path.reduce<string>(
    (text, step) => text + (typeof step === 'number' ? `[${step}]` : `.${step}`),
    root,
  );
}

/** The items of an element (`component`, `value[x]`) in its parent; a primitive's children stand in its shadow. */
export function itemsOf(parent: Item, name: string): Item[] {
  const holder = isObject(parent.value) ? parent.value : parent.shadow;
  if (!isObject(holder)) return [];
  if (!name.endsWith('[x]')) return itemsAt(parent, holder, name);
  const stem = name.slice(0, -3);
  const keys = new Set(
    Object.keys(holder)
      .map((key) => (key.startsWith('_') ? key.slice(1) : key))
      .filter((key) => key.startsWith(stem) && /^[A-Z]/.test(key.slice(stem.length))),
  );
  return [...keys].flatMap((key) => itemsAt(parent, holder, key, typeIn(key.slice(stem.length))));
}

/** `Quantity` of `valueQuantity`, `dateTime` of `valueDateTime`. */
function typeIn(suffix: string): string {
  return typeModel(suffix) ? suffix : suffix[0]!.toLowerCase() + suffix.slice(1);
}

function itemsAt(parent: Item, holder: Json, key: string, type?: string): Item[] {
  const [value, shadow] = [holder[key], holder[`_${key}`]];
  const path = [...parent.path, key];
  if (value === undefined && shadow === undefined) return [];
  if (!Array.isArray(value) && !Array.isArray(shadow)) return [itemOf(value, shadow, path, type)];
  const values = Array.isArray(value) ? (value as unknown[]) : [];
  const shadows = Array.isArray(shadow) ? (shadow as unknown[]) : [];
  return Array.from({ length: Math.max(values.length, shadows.length) }, (_, at) =>
    itemOf(values[at] ?? undefined, shadows[at] ?? undefined, [...path, at], type),
  );
}

function itemOf(value: unknown, shadow: unknown, path: Item['path'], type?: string): Item {
  const own = isObject(value) && typeof value.resourceType === 'string' ? value.resourceType : type;
  return {
    value,
    path,
    ...(shadow !== undefined && { shadow }),
    ...(own !== undefined && { type: own }),
  };
}

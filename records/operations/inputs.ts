/** The inputs of an operation, whichever way they came: query string, Parameters, or a bare resource. */
import type { Parameters, ParametersParameter, Resource } from '@afar/fhir';
import { Refusal } from '@afar/fhir';

export interface Inputs {
  readonly all: readonly ParametersParameter[];
  /** The text of a primitive input; undefined when it was not given. @throws Refusal `invalid` when it is no primitive */
  text(name: string): string | undefined;
  /** Every repetition of it. */
  texts(name: string): string[];
  /** @throws Refusal `invalid` for anything but true and false */
  flag(name: string): boolean | undefined;
  /** @throws Refusal `invalid` for anything but a whole number, 0 or more */
  count(name: string): number | undefined;
  resource(name: string): Resource | undefined;
  resources(name: string): Resource[];
  /** A complex input (Coding, CodeableConcept, Period), from `value<Type>`. */
  value<T>(name: string, type: string): T | undefined;
  /** @throws Refusal `invalid` when it is not there */
  need(name: string): string;
}

/** Enough for any operation of the standard; a Parameters of millions of parts is an attack. */
const mostInputs = 10_000;

/** @throws Refusal `invalid` */
export function inputsOf(query: readonly [string, string][], body: unknown): Inputs {
  const all: ParametersParameter[] = query
    .filter(([name]) => name !== '_format' && name !== '_pretty')
    .map(([name, valueString]) => ({ name, valueString }));
  if (typeof body === 'object' && body !== null && 'resourceType' in body) {
    const resource = body as Resource;
    if (resource.resourceType === 'Parameters')
      all.push(...((resource as Parameters).parameter ?? []));
    else all.push({ name: 'resource', resource });
  }
  if (all.length > mostInputs) throw new Refusal('too-costly');
  return reader(all);
}

function reader(all: readonly ParametersParameter[]): Inputs {
  const named = (name: string) => all.filter((one) => one.name === name);
  const text = (name: string) => {
    const [first, second] = named(name);
    if (second) throw wrong(name, 'given more than once');
    return first && primitiveOf(first);
  };
  return {
    all,
    text,
    texts: (name) => named(name).map(primitiveOf),
    flag(name) {
      const value = text(name);
      if (value === undefined) return undefined;
      if (value !== 'true' && value !== 'false') throw wrong(name, 'true or false is expected');
      return value === 'true';
    },
    count(name) {
      const value = text(name);
      if (value === undefined) return undefined;
      if (!/^\d{1,9}$/.test(value)) throw wrong(name, 'a whole number is expected');
      return Number(value);
    },
    resource: (name) => named(name)[0]?.resource,
    resources: (name) => named(name).flatMap((one) => one.resource ?? []),
    value: <T>(name: string, type: string) =>
      (named(name)[0] as Record<string, unknown> | undefined)?.[`value${type}`] as T | undefined,
    need(name) {
      const value = text(name);
      if (value === undefined || value === '') throw wrong(name, 'is needed');
      return value;
    },
  };
}

function primitiveOf(one: ParametersParameter): string {
  for (const [key, value] of Object.entries(one)) {
    if (!key.startsWith('value')) continue;
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return String(value);
  }
  throw wrong(one.name, 'a simple value is expected');
}

function wrong(name: string, what: string): Refusal {
  return new Refusal('invalid', { diagnostics: `${name}: ${what}`, expression: [name] });
}
